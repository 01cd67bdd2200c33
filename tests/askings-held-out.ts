import type { LabelledAsking } from './askings.ts'

/**
 * A second set of askings with the held item of packs/three-basics-2018 that each repeats, or none: written after the
 * finder and its bands were set, and never used to set them. Whoever changes the finder measures on this set last, and
 * does not change it on account of what it shows.
 */
const village = ['village']
const township = ['township', 'street']
const community = ['community']
const department = ['department', 'countyDepartment', 'provinceDepartment']
const count = (audience: string[], name: string, unit: string, definition: string | undefined, repeats: string | null): LabelledAsking => ({
  asking: { name, type: 'number', unit, definition, audience },
  repeats,
})
const money = (name: string, definition: string | undefined, repeats: string | null): LabelledAsking => ({ asking: { name, type: 'money', definition, audience: village }, repeats })
const yesNo = (audience: string[], name: string, definition: string | undefined, repeats: string | null): LabelledAsking => ({ asking: { name, type: 'yesNo', definition, audience }, repeats })

export const heldOutAskings: readonly LabelledAsking[] = [
  // what a village is asked already, in the words of other offices
  count(village, '在册户籍户', '户', '派出所登记的本村户数', 'households'),
  count(village, '村内住户数量', '户', '月末在本村有户籍的家庭', 'households'),
  count(village, '本月受益户数', '户', '本月村里为其办过事的户，一户计一次', 'householdsServed'),
  count(village, '为民办事惠及户数', '户', undefined, 'householdsServed'),
  count(village, '积压诉求', '件', '月末受理后还没有办完的件数', 'requestsOpen'),
  count(village, '待办诉求件数', '件', undefined, 'requestsOpen'),
  count(village, '诉求办结数', '件', '本月办完的件数', 'requestsClosed'),
  count(village, '当月解决的诉求', '件', '不论哪个月受理，本月办完即计', 'requestsClosed'),
  count(village, '规定期限内办结', '件', '办结诉求中没有超期的件数', 'requestsOnTime'),
  count(village, '未超时办结的诉求件数', '件', undefined, 'requestsOnTime'),
  count(village, '党员大会召开次数', '次', '当月', 'memberMeetings'),
  count(village, '支部大会', '次', '本月召开支部党员大会几次', 'memberMeetings'),
  count(village, '支委会召开情况', '次', '本月次数', 'committeeMeetings'),
  count(village, '支部委员会', '次', '本月开会次数', 'committeeMeetings'),
  yesNo(village, '村务财务按月公开', '本月应当公开的是否都公开了', 'affairsPublished'),
  yesNo(village, '三务公开是否到位', '本月村务、财务公开', 'affairsPublished'),
  money('村集体经济年收入', '全年合计，不含上级拨款', 'incomeTotal'),
  money('集体经济收入总额', undefined, 'incomeTotal'),
  money('集体经营支出', '为取得集体收入花掉的成本', 'incomeCost'),
  money('经营性成本合计', '全年', 'incomeCost'),
  count(village, '村级阵地建筑面积', '平方米', undefined, 'premisesArea'),
  count(village, '党群服务场所面积', '平方米', '活动场所的建筑面积', 'premisesArea'),
  count(village, '村级职务应配数', '个', '按规定应设的职务', 'postsRequired'),
  count(village, '已配职务数', '个', '年末有人在岗的', 'postsFilled'),
  count(village, '村干部到岗职务', '个', '应配职务里已经有人在岗的个数', 'postsFilled'),
  count(village, '党小组会议召开次数', '次', '全年各组合计', 'groupMeetings'),
  count(village, '全年讲党课次数', '次', undefined, 'lectures'),
  count(village, '开展党课教育', '次', '本年上党课次数', 'lectures'),
  count(village, '村干部在岗人数', '人', '年末，兼职只计一次', 'peopleInPost'),
  count(village, '参加培训的村干部', '人', '本年参加过培训的在岗人员，一人只计一次', 'trainedPeople'),
  count(village, '村干部培训人次', '人次', undefined, 'trainedTimes'),
  count(village, '培训达到规定学时的人数', '人', '满 12 天或 90 学时', 'trainedFully'),
  count(village, '便民服务厅开放次数', '场次', '按公布时间开放，半天算一场', 'hallSessionsOpen'),
  // communities, townships, departments
  count(community, '社区常住家庭', '户', '月末常住户数', 'communityHouseholds'),
  count(community, '辖区常住人口数', '人', '月末合计', 'communityResidents'),
  count(community, '在岗社工人数', '人', '社区专职工作者，含专职副书记', 'communityWorkers'),
  count(community, '社区未办结的居民诉求', '件', '月末', 'communityRequestsOpen'),
  count(township, '“五小”建成项数', '项', '已建成并在用的', 'smallFacilities'),
  count(township, '干部周转房需求', '套', '季末需要的套数', 'staffRoomsNeeded'),
  count(township, '可用周转房套数', '套', '季末', 'staffRooms'),
  count(township, '应建党组织的非公企业', '家', undefined, 'nonPublicEligible'),
  count(township, '已建党组织的社会组织', '家', '单独、联合或挂靠建立的', 'socialCovered'),
  count(department, '职责目录项数', '项', '年末', 'dutiesListed'),
  count(department, '基础工作自查得分', '分', '单位自评，满分 100', 'basicWorkScore'),
  count(department, '自评发现的问题数', '个', undefined, 'shortcomings'),
  count(department, '已整改问题', '个', '自评找出的问题中年末整改完的', 'shortcomingsClosed'),

  // what only looks like it
  count(village, '外出务工户数', '户', '全家外出半年以上', null),
  count(village, '危房改造户', '户', '本年完成改造的', null),
  count(village, '安装水表的户数', '户', undefined, null),
  count(village, '矛盾纠纷排查起数', '起', '本月排查', null),
  count(village, '纠纷调解成功数', '起', undefined, null),
  count(village, '村民代表会议', '次', '本月召开次数', null),
  count(village, '村民小组会议', '次', '全年召开次数', null),
  count(village, '志愿服务活动次数', '次', '本月', null),
  count(village, '主题党日', '次', '本月', null),
  money('上级拨付的运转经费', '全年到账', null),
  money('村级债务', '年末余额', null),
  money('集体资产总额', '年末固定资产原值', null),
  money('土地流转租金', '农户得到的租金', null),
  count(village, '文化广场面积', '平方米', '室外', null),
  count(village, '耕地面积', '亩', '二轮承包面积', null),
  count(village, '村医人数', '人', '在卫生室执业的', null),
  count(village, '公益性岗位人数', '人', undefined, null),
  count(village, '农民技能培训人数', '人', '参加农业技术培训的村民', null),
  count(village, '电商培训场次', '场次', '本年', null),
  count(village, '农家书屋借阅次数', '次', '全年', null),
  yesNo(village, '是否通硬化路', '到村委会', null),
  yesNo(village, '垃圾是否日产日清', undefined, null),
  count(community, '物业小区个数', '个', '有物业公司的', null),
  count(community, '社区志愿者人数', '人', '登记在册', null),
  count(community, '楼道长人数', '人', undefined, null),
  count(township, '规模以上企业数', '家', '年主营收入 2000 万元以上', null),
  count(township, '新登记的个体工商户', '户', '本季', null),
  count(township, '乡镇公务用车', '辆', undefined, null),
  count(township, '职工宿舍床位', '张', '季末', null),
  count(department, '行政审批事项数', '项', '保留的', null),
  count(department, '印发文件数', '件', '全年', null),
  count(department, '退休人员', '人', '年末', null),
]
