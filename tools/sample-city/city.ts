import type { PostEntry, UnitEntry } from '../../capabilities/units/unit-definition.ts'
import { chanceOf, type Chance } from './chance.ts'

/** The seed of the sample city. Another seed is another city. */
export const citySeed = 20180629

/** 1 province, 1 city, 6 counties, 60 townships and streets, 600 villages, 90 communities, 25 city departments: all invented. */
export type SampleCity = { units: UnitEntry[]; posts: PostEntry[] }

const counties = ['东川县', '西川县', '南岭县', '北塘县', '云溪县', '城中区'] as const
const first = ['青', '柳', '石', '杨', '桃', '梨', '松', '竹', '云', '白', '清', '双', '大', '小', '新', '古', '前', '后', '上', '下', '红', '金', '银', '龙', '凤', '长', '高', '平', '安', '乐']
const second = ['河', '沟', '湾', '坪', '岭', '塘', '泉', '坡', '桥', '庄', '寨', '屯', '台', '峪', '井', '洼', '堡', '营', '川', '原', '滩', '店', '坝', '口']
const townNames = ['城关', '临河', '望山', '兴隆', '太平', '长乐', '永安', '和顺', '白塔', '黄崖', '石门', '柳林', '桃源', '杏花', '松岭', '竹溪', '云台', '清泉', '双桥', '大湾', '古城', '龙泉', '凤岭', '金滩', '银河', '红岩', '高坪', '平川', '安乐', '新店', '东关', '西关', '南关', '北关', '前川', '后川', '上寨', '下寨', '中坪', '河口', '山口', '谷口', '桥头', '坝上', '原上', '塬下', '水泉', '甘泉']
const streetNames = ['解放路', '新华路', '人民路', '建设路', '和平路', '滨河路', '站前', '城东', '城西', '城南', '城北', '开发区']
const departments = ['发展改革', '教育', '科技', '工业和信息化', '民政', '司法行政', '财政', '人力资源', '自然资源', '生态环境', '住房和城乡建设', '交通运输', '水务', '农业', '商务', '文化旅游', '卫生', '应急管理', '审计', '市场监管', '统计', '医疗保障', '政务服务', '乡村振兴', '税务']
/** Departments with a county bureau below them in the line tree; the last one is managed by the line (垂管). */
const inCounties = ['教育', '民政', '财政', '农业', '卫生', '税务']

const from = '2017-01-01'
const digits = (n: number, width: number) => String(n).padStart(width, '0')

/** @returns units and posts of the sample city, always the same for a seed */
export function sampleCity(seed = citySeed): SampleCity {
  const chance = chanceOf(seed)
  const units: UnitEntry[] = []
  const add = (unit: Omit<UnitEntry, 'management' | 'validFrom'> & Partial<UnitEntry>) => {
    units.push({ management: 'area', validFrom: from, ...unit })
    return unit.code
  }
  const province = add({ code: '990000000000', name: '云岭省（示例）', kind: 'government', class: 'province' })
  add({ code: 'YL-XTB', name: '云岭省三基建设协调办（示例）', kind: 'organ', class: 'provinceDepartment', areaParent: province })
  const city = add({ code: '990100000000', name: '青河市', kind: 'government', class: 'city', areaParent: province })
  departments.forEach((name, at) => add({ code: `QH-${digits(at + 1, 2)}`, name: `青河市${name}局`, kind: 'organ', class: 'department', areaParent: city }))
  const villageNames = chance.shuffle(first.flatMap((a) => second.map((b) => `${a}${b}`)))
  const towns = chance.shuffle(townNames)
  let village = 0
  let town = 0
  let street = 0
  counties.forEach((name, c) => {
    const county = add({ code: `9901${21 + c}000000`, name, kind: 'government', class: name.endsWith('区') ? 'district' : 'county', areaParent: city })
    for (const line of inCounties) {
      const at = departments.indexOf(line) + 1
      add({ code: `QH${c + 1}-${digits(at, 2)}`, name: `${name}${line}局`, kind: 'organ', class: 'countyDepartment', areaParent: county, lineParent: `QH-${digits(at, 2)}`, management: line === '税务' ? 'line' : 'dual' })
    }
    for (let s = 1; s <= 2; s++) {
      const code = add({ code: `9901${21 + c}${digits(s, 3)}000`, name: `${streetNames[street++]}街道`, kind: 'government', class: 'street', areaParent: county })
      for (let n = 1; n <= 5; n++) add(community(code, n, chance))
    }
    for (let t = 0; t < 8; t++) {
      const code = add({ code: `9901${21 + c}${digits(100 + t, 3)}000`, name: `${towns[town]}${t < 5 ? '镇' : '乡'}`, kind: 'government', class: 'township', areaParent: county })
      // 48 townships: 24 with 12 villages and 24 with 13 are 600; the first 30 have a community as well.
      const villages = town % 2 === 0 ? 12 : 13
      for (let n = 1; n <= villages; n++) {
        const label = villageNames[village++]!
        add({ code: `${code.slice(0, 9)}${digits(200 + n, 3)}`, name: `${label}村`, kind: 'selfGovernment', class: 'village', areaParent: code, residents: chance.whole(400, 3_200) })
      }
      if (town < 30) add(community(code, 1, chance))
      town++
    }
  })
  // The township that people look at first has two checkers who stand in for each other; the second comes last, so that nobody else's name changes.
  const posts = units.flatMap(postsFor).map((post): PostEntry => (isPaired(post) ? { ...post, ab: 'A' } : post))
  return { units, posts: [...posts, ...posts.filter((post) => post.ab === 'A').map((post): PostEntry => ({ ...post, ab: 'B', required: false }))] }
}

function community(parent: string, n: number, chance: Chance): UnitEntry {
  const name = `${chance.pick(['阳光', '幸福', '和谐', '滨河', '新城', '锦绣', '明珠', '学府', '东湖', '西苑', '南园', '北苑'])}${['一', '二', '三', '四', '五'][n - 1]}社区`
  return { code: `${parent.slice(0, 9)}${digits(n, 3)}`, name, kind: 'selfGovernment', class: 'community', areaParent: parent, management: 'area', validFrom: from, residents: chance.whole(2_500, 9_000) }
}

/** Which posts a unit of a class has; an administrator's work starts at the county. */
const postsOfClass: Record<string, readonly [kind: string, title: string][]> = {
  province: [['issuer', '清单下发岗'], ['coordinator', '协调办主任岗'], ['checker', '审核岗'], ['burdenOfficer', '减负审核岗'], ['packKeeper', '内容包管理岗'], ['registrar', '单位登记岗'], ['systemAdmin', '系统管理岗'], ['securityAdmin', '安全管理岗'], ['auditAdmin', '审计管理岗']],
  provinceDepartment: [['principal', '主要负责人'], ['clerk', '台账岗']],
  city: [['issuer', '清单下发岗'], ['coordinator', '协调办主任岗'], ['checker', '审核岗'], ['burdenOfficer', '减负审核岗'], ['systemAdmin', '系统管理岗'], ['securityAdmin', '安全管理岗'], ['auditAdmin', '审计管理岗']],
  county: [['issuer', '清单下发岗'], ['coordinator', '协调办主任岗'], ['checker', '审核岗']],
  district: [['issuer', '清单下发岗'], ['coordinator', '协调办主任岗'], ['checker', '审核岗']],
  township: [['principal', '主要负责人'], ['checker', '审核岗'], ['clerk', '台账岗']],
  street: [['principal', '主要负责人'], ['checker', '审核岗'], ['clerk', '台账岗']],
  village: [['principal', '村主要负责人'], ['clerk', '村台账员']],
  community: [['principal', '社区主要负责人'], ['clerk', '社区台账员']],
  department: [['principal', '主要负责人'], ['lineLead', '行业牵头岗'], ['clerk', '台账岗']],
  countyDepartment: [['principal', '主要负责人'], ['clerk', '台账岗']],
}

function postsFor(unit: UnitEntry): PostEntry[] {
  return (postsOfClass[unit.class] ?? []).map(([kind, title]) => ({ unit: unit.code, kind, title, required: true, validFrom: from }))
}

const isPaired = ({ unit, kind }: PostEntry) => unit === '990121100000' && kind === 'checker'

const surnames = ['赵', '钱', '孙', '李', '周', '吴', '郑', '王', '冯', '陈', '蒋', '沈', '韩', '杨', '朱', '秦', '许', '何', '吕', '张', '孔', '曹', '严', '华', '金', '魏', '陶', '姜', '谢', '邹', '苏', '潘', '葛', '范', '彭', '鲁', '韦', '马', '苗', '方']
const given = ['一鸣', '子涵', '文博', '晓东', '建国', '秀兰', '海燕', '志强', '丽华', '明远', '春梅', '国栋', '玉兰', '永辉', '雪松', '建平', '小玲', '德胜', '桂花', '立新', '向阳', '晓梅', '振华', '红霞', '长青', '美玲', '学文', '金凤', '庆丰', '爱民', '成林', '素芬', '大勇', '月娥', '新民', '彩云', '宏伟', '淑珍', '俊杰', '巧云']

export type SamplePerson = { username: string; name: string; unit: string; kind: string; ab?: 'A' | 'B' | undefined }

/** The roles that somebody who looks at the sample tries first, with the user name of each. */
export const sampleRoles: readonly { username: string; unit: string; kind: string; role: { zh: string; en: string } }[] = [
  { username: 'sheng', unit: '990000000000', kind: 'issuer', role: { zh: '省级清单下发', en: 'province: issues lists' } },
  { username: 'shengxietiao', unit: '990000000000', kind: 'coordinator', role: { zh: '省协调办', en: 'province: coordinating office' } },
  { username: 'shi', unit: '990100000000', kind: 'coordinator', role: { zh: '市协调办', en: 'city: coordinating office' } },
  { username: 'xian', unit: '990121000000', kind: 'coordinator', role: { zh: '县协调办', en: 'county: coordinating office' } },
  { username: 'zhen', unit: '990121100000', kind: 'checker', role: { zh: '乡镇审核', en: 'township: checks returns' } },
  { username: 'zhentai', unit: '990121100000', kind: 'clerk', role: { zh: '乡镇台账员', en: 'township clerk: workbooks' } },
  { username: 'cun', unit: '990121100201', kind: 'clerk', role: { zh: '村台账员', en: 'village clerk' } },
  { username: 'shequ', unit: '990121001001', kind: 'clerk', role: { zh: '社区台账员', en: 'community clerk' } },
  { username: 'bumen', unit: 'QH-14', kind: 'lineLead', role: { zh: '市直部门牵头', en: 'city department: line lead' } },
  { username: 'jianfu', unit: '990000000000', kind: 'burdenOfficer', role: { zh: '减负审核', en: 'burden officer' } },
  { username: 'xitong', unit: '990000000000', kind: 'systemAdmin', role: { zh: '系统管理员', en: 'system administrator' } },
  { username: 'anquan', unit: '990000000000', kind: 'securityAdmin', role: { zh: '安全管理员', en: 'security administrator' } },
  { username: 'shenji', unit: '990000000000', kind: 'auditAdmin', role: { zh: '审计管理员', en: 'audit administrator' } },
]

/** @returns one invented person for each post; each has one post only */
export function samplePeople(posts: readonly PostEntry[], seed = citySeed): SamplePerson[] {
  const chance = chanceOf(seed + 1)
  return posts.map((post) => {
    const role = post.ab === 'B' ? undefined : sampleRoles.find((one) => one.unit === post.unit && one.kind === post.kind)
    const name = `${chance.pick(surnames)}${chance.pick(given)}`
    return { username: role?.username ?? `${post.kind}${post.ab === 'B' ? '.b' : ''}.${post.unit}`.toLowerCase(), name, unit: post.unit, kind: post.kind, ...(post.ab && { ab: post.ab }) }
  })
}
