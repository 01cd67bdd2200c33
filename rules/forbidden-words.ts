/**
 * The forbidden dictionary: the words of the red lines, in Chinese, English and pinyin. This file is the only place
 * where they stand. Packs, forms, labels, columns and translations are read against it; what a word means to be
 * when it is innocent stands in the allow-list, each with its reason.
 */

/** The red line that a word belongs to. */
export type RedLine =
  | 'belief' // religion, beliefs
  | 'ethnicity'
  | 'clan' // clan and family factions
  | 'politics' // political opinions, political “quality”
  | 'suspects' // lists of suspects, petitioners, key persons
  | 'memberFiles' // admission, disciplinary and disposal files
  | 'talks' // the content of heart-to-heart talks
  | 'health'
  | 'povertyFiles' // household poverty files
  | 'whereabouts' // location, tracks, check-ins
  | 'biometrics'
  | 'photos' // forced photos
  | 'points' // online time, points, likes, rankings of persons
  | 'covert' // covert recording
  | 'automatic' // automatic personnel decisions

/** What each red line is called, for the sentence that refuses. */
export const redLineNames: Readonly<Record<RedLine, { zh: string; en: string }>> = {
  belief: { zh: '宗教信仰', en: 'religion and belief' },
  ethnicity: { zh: '民族', en: 'ethnicity' },
  clan: { zh: '家族派系', en: 'clan and family faction' },
  politics: { zh: '政治观点与表现', en: 'political opinion and quality' },
  suspects: { zh: '人员名单', en: 'lists of persons under suspicion' },
  memberFiles: { zh: '党员档案与处分', en: 'admission, disciplinary and disposal files' },
  talks: { zh: '谈心谈话内容', en: 'the content of talks' },
  health: { zh: '健康', en: 'health' },
  povertyFiles: { zh: '贫困户档案', en: 'household poverty files' },
  whereabouts: { zh: '行踪与打卡', en: 'whereabouts and check-ins' },
  biometrics: { zh: '生物特征', en: 'biometrics' },
  photos: { zh: '强制拍照', en: 'forced photos' },
  points: { zh: '积分、点赞与个人排名', en: 'points, likes and rankings of persons' },
  covert: { zh: '偷拍偷录', en: 'covert recording' },
  automatic: { zh: '人事自动决定', en: 'automatic personnel decisions' },
}

type Words = {
  zh: readonly string[]
  /** A space in an entry stands for any join (space, -, _, camelCase); a hyphen for any join but a space. */
  en: readonly string[]
  /** Pinyin of identifiers, written together; the parts may be joined by -, _ or camelCase. */
  pinyin: readonly string[]
}

const dictionary: Readonly<Record<RedLine, Words>> = {
  belief: {
    zh: ['宗教', '信教', '信仰', '教徒', '信众', '教派', '邪教', '佛教', '道教', '伊斯兰', '基督教', '天主教', '礼拜', '迷信'],
    en: ['religion', 'religious', 'religiosity', 'faith', 'belief', 'believer', 'worship', 'church', 'mosque', 'buddhist', 'muslim', 'christian', 'catholic'],
    pinyin: ['zongjiao', 'zongjiaoxinyang', 'xinjiao', 'jiaotu', 'jiaopai'],
  },
  ethnicity: {
    zh: ['民族', '族别', '族裔', '种族', '汉族', '回族', '藏族', '满族', '苗族', '壮族', '彝族', '蒙古族', '维吾尔', '哈萨克族', '朝鲜族', '羌族'],
    en: ['ethnic', 'ethnicity', 'ethnicities', 'race group', 'racial', 'minority group', 'minority status'],
    pinyin: ['minzu', 'shaoshuminzu', 'zuyi'],
  },
  clan: {
    zh: ['家族', '宗族', '宗派', '派系', '帮派', '姓氏', '族谱', '家谱', '房头'],
    en: ['clan', 'kinship', 'family faction', 'faction', 'lineage group', 'surname group'],
    pinyin: ['jiazu', 'zongzu', 'zongpai', 'paixi', 'bangpai'],
  },
  politics: {
    zh: [
      '政治表现', '政治素质', '政治品质', '政治态度', '政治立场', '政治倾向', '政治观点', '政治信念', '政治忠诚', '政治面貌', '政治可靠',
      '政治历史', '政治画像', '政治审查', '政审', '思想动态', '思想状况', '思想汇报', '舆论倾向', '忠诚度',
    ],
    en: [
      'political opinion', 'political view', 'political attitude', 'political quality', 'political performance', 'political stance',
      'political leaning', 'political loyalty', 'political reliability', 'political affiliation', 'political status', 'loyalty score',
      'loyalty rating', 'ideological state', 'thought report',
    ],
    pinyin: ['zhengzhibiaoxian', 'zhengzhisuzhi', 'zhengzhimianmao', 'zhengzhitaidu', 'zhengzhilichang', 'zhengzhiqingxiang', 'zhengshen', 'sixiangdongtai'],
  },
  suspects: {
    zh: [
      '嫌疑', '黑名单', '重点人员', '重点人口', '重点人群', '重点对象', '稳控', '管控对象', '管控人员', '涉黑', '涉恶', '涉稳人员', '黑恶势力',
      '上访人员', '上访人', '上访户', '上访名单', '信访人员', '信访重点', '缠访', '闹访', '非访', '举报人信息', '举报人姓名', '举报内容', '线索内容',
      '刑满释放', '社区矫正', '吸毒', '精神病',
    ],
    en: [
      'suspect', 'blacklist', 'watchlist', 'watch list', 'black list', 'key person', 'persons of interest', 'person of interest', 'petitioner list',
      'petitioner', 'criminal record', 'informant', 'whistleblower name', 'tip content', 'gang member',
    ],
    pinyin: ['xianyiren', 'heimingdan', 'zhongdianrenyuan', 'wenkongduixiang', 'shangfangrenyuan', 'shangfangmingdan', 'shehei', 'chanfang', 'naofang'],
  },
  memberFiles: {
    zh: [
      '入党申请', '入党志愿', '入党材料', '入党积极分子', '发展对象', '发展党员档案', '预备党员转正', '党员档案', '党籍处理', '开除党籍', '不合格党员', '党员处置',
      '处置党员', '处分', '违纪', '违法记录', '失联党员', '失踪党员', '口袋党员', '评议等次', '党员评议结果', '组织处理', '诫勉', '问责对象', '干部档案', '人事档案', '考察材料',
    ],
    en: [
      'admission file', 'membership application', 'party application', 'disciplinary', 'disciplined', 'expulsion', 'expelled', 'probationary member',
      'unqualified member', 'member disposal', 'personnel file', 'personal dossier', 'dossier', 'misconduct record', 'violation record', 'member rating', 'review grade of members',
    ],
    pinyin: ['rudang', 'rudangshenqing', 'chufen', 'weijirenyuan', 'buhegedangyuan', 'dangyuandangan', 'renshidangan', 'jiemiantanhua'],
  },
  talks: {
    zh: ['谈心谈话记录', '谈心谈话内容', '谈心谈话纪要', '谈心谈话要点', '谈心记录', '谈心内容', '谈话记录', '谈话内容', '谈话纪要', '谈话要点', '约谈记录', '约谈内容'],
    en: ['talk content', 'talk minutes', 'talk record', 'talk notes', 'heart to heart content', 'heart to heart record', 'heart to heart notes'],
    pinyin: ['tanhuajilu', 'tanhuaneirong', 'tanxinjilu', 'tanxintanhuajilu', 'tanxinneirong'],
  },
  health: {
    zh: [
      '健康状况', '健康情况', '健康档案', '健康信息', '健康码', '健康证明', '身体状况', '身体情况', '病史', '病情', '病历', '疾病', '患病', '大病', '慢性病', '传染病',
      '体检结果', '体检报告', '残疾', '伤残', '血型', '孕情', '怀孕', '生育情况', '节育', '心理状况', '心理健康', '精神状况', '体温', '核酸', '疫苗接种', '艾滋',
    ],
    en: [
      'health status', 'health condition', 'health record', 'health file', 'health code', 'health information', 'health data', 'state of health', 'medical history',
      'medical record', 'medical condition', 'illness', 'disease', 'diagnosis', 'disability', 'disabilities', 'disabled person', 'blood type', 'pregnant',
      'pregnancy', 'mental health', 'vaccination', 'vaccinated', 'body temperature',
    ],
    pinyin: ['jiankangzhuangkuang', 'jiankangdangan', 'jiankangma', 'jibing', 'bingshi', 'bingqing', 'canji', 'xuexing', 'tijianjieguo'],
  },
  povertyFiles: {
    zh: [
      '贫困户档案', '贫困户名单', '贫困户信息', '贫困户花名册', '贫困户明细', '贫困户台账', '贫困户姓名', '贫困户资料', '贫困家庭档案', '贫困人口名单', '贫困人口信息',
      '建档立卡户', '建档立卡贫困户', '建档立卡人口', '建档立卡贫困人口', '扶贫手册', '低保户名单', '低保户信息', '低保户档案', '一户一档', '致贫原因', '家庭收入明细',
    ],
    en: [
      'poverty file', 'poverty record', 'poor household file', 'poor household list', 'poor household record', 'poor households list', 'household poverty',
      'cause of poverty', 'welfare recipient list',
    ],
    pinyin: ['pinkunhudangan', 'pinkunhumingdan', 'pinkunhuxinxi', 'jiandanglikahu', 'zhipinyuanyin'],
  },
  whereabouts: {
    zh: [
      '行踪', '轨迹', '定位', '位置信息', '实时位置', '地理位置', '所在位置', '位置共享', '经纬度', '经度', '纬度', '电子围栏', '打卡', '签到', '签退', '考勤',
      '在岗监测', '行程码', '行程卡',
    ],
    en: [
      'whereabouts', 'geolocation', 'geo location', 'geofence', 'geo fence', 'gps', 'latitude', 'longitude', 'user location', 'current location', 'live location',
      'person location', 'location track', 'location history', 'location sharing', 'movement track', 'movement history', 'check-in', 'checked-in', 'clock-in', 'clock-out',
      'sign-in location', 'attendance tracking', 'punch-in',
    ],
    pinyin: ['xingzong', 'xingdongguiji', 'guijizhuizong', 'dingwei', 'weizhixinxi', 'jingweidu', 'daka', 'qiandao', 'kaoqin', 'xingchengma'],
  },
  biometrics: {
    zh: ['人脸', '刷脸', '面部识别', '指纹', '虹膜', '声纹', '掌纹', '步态', '生物识别', '生物特征'],
    en: ['face recognition', 'facial', 'face id', 'faceprint', 'fingerprint scan', 'fingerprint reader', 'iris scan', 'voiceprint', 'biometric', 'gait'],
    pinyin: ['renlian', 'shualian', 'zhiwen', 'hongmo', 'shengwen'],
  },
  photos: {
    zh: ['拍照', '自拍', '水印相机', '现场照片', '佐证照片', '照片上传', '上传照片', '工作照片', '入户照片', '活动照片', '视频佐证', '截图上传', '上传截图', '留痕照片'],
    en: ['photo proof', 'photo evidence', 'proof photo', 'site photo', 'watermark camera', 'selfie', 'upload photo', 'photo upload', 'required photo', 'screenshot proof'],
    pinyin: ['paizhaoliuhen', 'paizhaodaka', 'xianchangzhaopian'],
  },
  points: {
    zh: [
      '积分', '点赞', '排行榜', '龙虎榜', '英雄榜', '光荣榜', '个人排名', '人员排名', '党员排名', '干部排名', '书记排名', '排名个人', '在线时长', '在线时间', '登录次数', '登录率',
      '登录天数', '活跃度', '活跃率', '安装率', '停留时长', '浏览时长', '学习强度', '转发量', '转发数', '先锋指数', '星级党员', '个人画像',
    ],
    en: [
      'leaderboard', 'leader board', 'online time', 'online duration', 'online hours', 'time online', 'login count', 'login streak', 'login rate', 'daily active', 'install rate',
      'reward point', 'loyalty point', 'credit point', 'point ranking', 'points ranking', 'points score', 'points balance', 'points earned', 'like count', 'likes count', 'thumbs up', 'ranking of persons', 'person ranking',
      'personal ranking', 'member ranking', 'staff ranking', 'user ranking', 'gamification', 'badge earned',
    ],
    pinyin: ['jifen', 'jifenpaiming', 'dianzan', 'paihangbang', 'zaixianshichang', 'denglucishu', 'huoyuedu'],
  },
  covert: {
    zh: ['偷拍', '暗拍', '偷录', '暗录', '密拍', '秘密录音', '秘密录像', '隐蔽拍摄', '隐蔽录音', '窃听', '监听'],
    en: ['covert recording', 'covert video', 'covert audio', 'hidden camera', 'hidden recording', 'secret recording', 'wiretap', 'eavesdrop', 'eavesdropping'],
    pinyin: ['toupai', 'toulu', 'jianting', 'qieting'],
  },
  automatic: {
    zh: ['自动免职', '自动问责', '自动撤职', '自动降级', '自动处罚', '自动淘汰', '自动晋升', '自动任免', '自动调岗', '末位淘汰'],
    en: ['automatic dismissal', 'auto dismiss', 'automatic promotion', 'auto promote', 'automatic demotion', 'auto demote', 'automatic penalty', 'auto penalty'],
    pinyin: ['moweitaotai', 'zidongmianzhi', 'zidongwenze'],
  },
}

/** Innocent uses. A forbidden word inside one of these is let through; nothing else is. */
const allowed: readonly { words: readonly string[]; because: string }[] = [
  { words: ['民族乡', '族自治县', '族自治州', '族自治区', '族自治旗', '族乡', '族镇', '民族镇'], because: 'legal kinds and names of places' },
  { words: ['民族路', '民族街', '民族村', '民族社区', '民族中学', '民族小学', '民族学校'], because: 'names of places and schools' },
  { words: ['民族宗教事务', '民族事务', '宗教事务', '民族和宗教'], because: 'names of government departments' },
  { words: ['中华民族'], because: 'the nation, not a mark of a person' },
  { words: ['礼拜一', '礼拜二', '礼拜三', '礼拜四', '礼拜五', '礼拜六', '礼拜日', '礼拜天'], because: 'days of the week' },
  { words: ['家族企业'], because: 'a kind of enterprise' },
  { words: ['涉黑涉恶线索移交', '黑恶势力线索移交'], because: 'handing over to the competent body; only the receipt number is kept' },
  { words: ['残疾人联合会', '残疾人综合服务', '残疾人设施', '残疾人通道', '残疾人坡道'], because: 'a unit’s name; accessibility of premises' },
  { words: ['传染病医院', '精神病医院', '疾病预防控制'], because: 'names of units' },
  {
    words: ['功能定位', '职能定位', '职责定位', '目标定位', '发展定位', '角色定位', '产业定位', '战略定位', '市场定位', '准确定位', '定位准确', '定位清晰', '定位明确', '找准定位', '定位器'],
    because: 'what a unit is for, not where a person is',
  },
  { words: ['发展轨迹', '运行轨迹'], because: 'a course of development' },
  {
    words: ['不打卡', '禁止打卡', '取消打卡', '不得打卡', '不签到', '禁止签到', '不积分', '不得拍照', '不要求拍照', '禁止拍照', '不上传照片'],
    because: 'rules that forbid the thing',
  },
  { words: ['微积分', '定积分'], because: 'mathematics' },
  { words: ['行政处分权限', '处分权', '财产处分', '资产处分', '处分集体', '处分财产', '处分资产'], because: 'disposing of property (Civil Code)' },
  { words: ['good faith', 'faith in'], because: 'a legal standard; prose' },
  { words: ['suspected duplicate', 'suspect duplicate'], because: 'a row that may stand twice' },
  { words: ['disease control', 'occupational disease hospital', 'disabled persons federation', 'disabled person federation'], because: 'names of units' },
]

/** A word of the dictionary found in a text. */
export type Forbidden = {
  /** As it stands in the text. */
  word: string
  /** Offset in the text. */
  at: number
  line: RedLine
}

/**
 * Red lines: reads any text (a label, a key, an identifier, a definition) against the forbidden dictionary.
 * @returns every hit outside the allow-list, in the order of the text; empty when the text may stand
 */
export function forbiddenIn(text: string): Forbidden[] {
  const found = [...chineseIn(text), ...latinIn(text)]
  if (found.length === 0) return found
  const innocent = innocentIn(text)
  return found
    .filter((hit) => !innocent.some(([from, to]) => from <= hit.at && hit.at + hit.word.length <= to))
    .sort((a, b) => a.at - b.at || b.word.length - a.word.length)
    .filter((hit, i, all) => !all.slice(0, i).some((other) => other.at <= hit.at && hit.at + hit.word.length <= other.at + other.word.length))
}

const chineseLines = new Map<string, RedLine>()
for (const [line, words] of Object.entries(dictionary)) for (const word of words.zh) chineseLines.set(word, line as RedLine)
// Longest first, so that 贫困户档案 is named whole.
const chinesePattern = new RegExp([...chineseLines.keys()].sort((a, b) => b.length - a.length).join('|'), 'g')

function chineseIn(text: string): Forbidden[] {
  return [...text.matchAll(chinesePattern)].map((hit) => ({ word: hit[0], at: hit.index, line: chineseLines.get(hit[0])! }))
}

/** The parts of identifiers and words: `checkIn_place-GPSTrack` → check, In, place, GPS, Track. */
const latinPart = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g
const longestPhrase = 5

type LatinEntry = { line: RedLine; spaces: boolean }
const latinEntries = new Map<string, LatinEntry>()
for (const [line, words] of Object.entries(dictionary)) {
  for (const word of words.en) latinEntries.set(word.replace(/[ -]/g, ''), { line: line as RedLine, spaces: !word.includes('-') })
  for (const word of words.pinyin) latinEntries.set(word, { line: line as RedLine, spaces: true })
}

function latinIn(text: string): Forbidden[] {
  const parts = [...text.matchAll(latinPart)].map((part) => ({ word: part[0].toLowerCase(), at: part.index, end: part.index + part[0].length }))
  const found: Forbidden[] = []
  for (let first = 0; first < parts.length; first += 1) {
    let joined = ''
    let spaced = false
    for (let last = first; last < Math.min(parts.length, first + longestPhrase); last += 1) {
      const between = last === first ? '' : text.slice(parts[last - 1]!.end, parts[last]!.at)
      // Words that are not joined (punctuation, other text between them) are not one phrase.
      if (!/^([-_ ]?|\s+)$/.test(between)) break
      spaced ||= /\s/.test(between)
      joined += parts[last]!.word
      const entry = latinEntries.get(joined) ?? latinEntries.get(joined.replace(/s$/, ''))
      if (entry && (entry.spaces || !spaced)) {
        found.push({ word: text.slice(parts[first]!.at, parts[last]!.end), at: parts[first]!.at, line: entry.line })
      }
    }
  }
  return found
}

const innocentPattern = new RegExp(
  allowed.flatMap((entry) => entry.words).sort((a, b) => b.length - a.length).map((words) => words.replaceAll(' ', '[-_ ]?')).join('|'),
  'gi',
)

function innocentIn(text: string): [number, number][] {
  const spans: [number, number][] = [...text.matchAll(innocentPattern)].map((hit) => [hit.index, hit.index + hit[0].length])
  // 回族乡: the people's name in front of a kind of place belongs to the place's name.
  for (const hit of text.matchAll(/[\u4e00-\u9fff]{1,4}族(自治[州县旗区]|[乡镇])/g)) spans.push([hit.index, hit.index + hit[0].length])
  return spans
}
