import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forbiddenIn } from './forbidden-words.ts'

const crossing = [
  '宗教', '民族', '信仰', '家族', '派系', '政治表现', '政治面貌', '上访人员名单', '涉黑涉恶人员', '行踪', '实时定位', '打卡', '签到次数', '人脸识别', '积分排名',
  '在线时长', '点赞数', '谈心谈话记录', '谈话内容', '健康状况', '残疾等级', '贫困户档案', '建档立卡户名单', '入党申请书', '处分情况', '现场照片', '偷拍', '末位淘汰',
  '自动免职', '黑名单', '不合格党员',
  'religion', 'religiousBelief', 'ethnic_group', 'health-status', 'healthStatus', 'checkIn', 'check-in', 'check_ins', 'GPSTrack', 'userLocation', 'online time',
  'leaderboard', 'suspects', 'politicalQuality', 'face recognition', 'disciplinary file', 'hidden camera',
  'zongjiao', 'zheng_zhi_mian_mao', 'zhengzhiMianmao', 'renLian', 'jiankang_zhuangkuang', 'daka', 'pinkunhuDangan',
]

const field = [
  '党员大会', '支委会', '组织生活会', '主题党日', '谈心谈话', '民主评议党员', '群众满意度', '健全制度', '健康发展', '产业健康有序发展', '村级集体经济收入', '活动场所面积',
  '第一书记', '软弱涣散基层党组织', '贫困村退出', '贫困户户数', '工作量', '位次分析', '功能定位', '职能定位', '行政许可', '信访事项办结', '留痕管理清单', '党务公开', '暗访发现问题',
  '未位分析单位', '中华民族伟大复兴', '东川回族乡', '青河满族自治县', '市民族宗教事务局', '县残疾人联合会', '县疾病预防控制中心', '家族企业', '禁止打卡', '学时', '培训人次',
  '本月底前', '负责人', '发展党员计划数', '排名不分先后', '处室设置', '点位', '学习教育', '党建示范点',
  'health centre', 'public health unit', 'checked', 'check in the office', 'coordinator', 'location of premises', 'disabled', 'in good faith', 'points to clear up',
  'recordId', 'performance', 'tracking number', 'likelihood', 'politics', 'race', 'anpai', 'guiji', 'taskState', 'Finding', 'minutes', 'timeline',
]

describe('the red lines', () => {
  it.each(crossing)('%s does not pass', (text) => {
    expect(forbiddenIn(text)).not.toEqual([])
  })

  it.each(field)('%s is an ordinary word of the field', (text) => {
    expect(forbiddenIn(text)).toEqual([])
  })

  it('names the word, where it stands and the line it crosses, and the whole word once', () => {
    expect(forbiddenIn('请附贫困户档案和签到表')).toEqual([
      { word: '贫困户档案', at: 2, line: 'povertyFiles' },
      { word: '签到', at: 8, line: 'whereabouts' },
    ])
  })

  it('an innocent phrase beside a forbidden word does not excuse it', () => {
    expect(forbiddenIn('市民族宗教事务局登记的宗教信仰').map((hit) => hit.word)).toEqual(['宗教', '信仰'])
  })

  it('a forbidden word is found wherever it stands in a text', () => {
    fc.assert(
      fc.property(fc.constantFrom('宗教', '行踪', '打卡'), fc.string({ unit: fc.constantFrom('村', '。', ' ', '1', '组') }), fc.string(), (word, before, after) => {
        fc.pre(!/[\u4e00-\u9fff]/.test(after))
        expect(forbiddenIn(`${before}${word}${after}`).some((hit) => hit.word.includes(word) && hit.at <= before.length)).toBe(true)
      }),
    )
  })
})
