import type { Asking } from '../capabilities/ledgers/similar.ts'

/**
 * Fields as somebody might ask them in a new form, with the held item of packs/three-basics-2018 that each repeats, or
 * none when nothing that is held answers it. Written down before the measure was looked at; about half of them repeat
 * something in other words, the others only look like it (another unit, another part, another thing).
 */
export type LabelledAsking = { asking: Asking; repeats: string | null }

export const village = ['village']
export const township = ['township', 'street']
export const community = ['community']
export const department = ['department', 'countyDepartment', 'provinceDepartment']
export const count = (audience: string[], name: string, unit: string, definition: string | undefined, repeats: string | null): LabelledAsking => ({
  asking: { name, type: 'number', unit, definition, audience },
  repeats,
})
export const money = (name: string, definition: string | undefined, repeats: string | null): LabelledAsking => ({ asking: { name, type: 'money', definition, audience: village }, repeats })
export const yesNo = (audience: string[], name: string, definition: string | undefined, repeats: string | null): LabelledAsking => ({ asking: { name, type: 'yesNo', definition, audience }, repeats })

export const labelledAskings: readonly LabelledAsking[] = [
  // a village's month, asked again
  count(village, '家庭户数', '户', '村里的户籍家庭数', 'households'),
  count(village, '全村总户数', '户', undefined, 'households'),
  count(village, '农户数', '户', '月末在册农户', 'households'),
  count(village, '上门服务户数', '户', '本月上门办过事的户', 'householdsServed'),
  count(village, '走访服务农户', '户', '本月至少办过一件事的农户', 'householdsServed'),
  count(village, '未解决的群众诉求', '件', undefined, 'requestsOpen'),
  count(village, '在办诉求件数', '件', '月底还没有办完的', 'requestsOpen'),
  count(village, '已解决群众诉求', '件', '本月解决的件数', 'requestsClosed'),
  count(village, '办结群众反映', '件', '本月办理完毕的诉求', 'requestsClosed'),
  count(village, '按时办结件数', '件', '办结的诉求中没有超过时限的', 'requestsOnTime'),
  count(village, '召开党员大会次数', '次', undefined, 'memberMeetings'),
  count(village, '支部党员大会', '次', '本月开了几次', 'memberMeetings'),
  count(village, '支部委员会会议次数', '次', undefined, 'committeeMeetings'),
  yesNo(village, '村务公开情况', '本月村务和财务是否已经公示', 'affairsPublished'),
  // a village's year, asked again
  money('村集体收入', '全年收入合计', 'incomeTotal'),
  money('集体经济总收益', undefined, 'incomeTotal'),
  money('经营支出', '取得收入的各项开支', 'incomeCost'),
  count(village, '活动阵地面积', '平方米', '建筑面积', 'premisesArea'),
  count(village, '办公场所建筑面积', '平方米', undefined, 'premisesArea'),
  count(village, '应设岗位数', '个', '按规定应设的村级岗位', 'postsRequired'),
  count(village, '实配职位', '个', '有人在岗的职位', 'postsFilled'),
  count(village, '党小组会议次数', '次', '全年合计', 'groupMeetings'),
  count(village, '上党课次数', '次', undefined, 'lectures'),
  count(village, '在岗村干部', '人', '年末人数', 'peopleInPost'),
  count(village, '参加培训的干部', '人', '本年参加过培训的人数', 'trainedPeople'),
  count(village, '参训人次', '人次', '本年培训人次合计', 'trainedTimes'),
  count(village, '集训人次数', '人次', undefined, 'trainedTimes'),
  count(village, '便民大厅开放场数', '场次', undefined, 'hallSessionsOpen'),
  // a community's month, a township's quarter, a department's year, asked again
  count(community, '辖区居民户数', '户', '社区常住的户', 'communityHouseholds'),
  count(community, '居民人数', '人', '月末常住的人', 'communityResidents'),
  count(community, '专职社工人数', '人', undefined, 'communityWorkers'),
  count(community, '待办理的诉求', '件', '已受理还没有办结的', 'communityRequestsOpen'),
  count(community, '按期办结的诉求', '件', undefined, 'communityRequestsOnTime'),
  count(township, '可用周转房套数', '套', '季末可以入住的', 'staffRooms'),
  count(township, '周转房需求', '套', '乡镇干部需要的套数', 'staffRoomsNeeded'),
  count(township, '民营企业应建党组织数', '家', undefined, 'nonPublicEligible'),
  count(township, '非公有制企业覆盖数', '家', '已建立党组织的家数', 'nonPublicCovered'),
  count(township, '社会团体应建数', '家', undefined, 'socialEligible'),
  count(township, '五小建成项数', '项', '建成并在用的', 'smallFacilities'),
  count(department, '有规章制度的职责', '项', undefined, 'dutiesWithRule'),
  count(department, '有办事流程的职责项数', '项', undefined, 'dutiesWithProcess'),
  count(department, '自评发现的不足', '个', '自评中找出的不足', 'shortcomings'),
  count(department, '已整改到位的问题', '个', '自评问题中整改完的', 'shortcomingsClosed'),
  count(department, '参加业务培训人数', '人', '本年受训的在岗人员', 'staffTrained'),
  count(department, '基础工作自评得分', '分', undefined, 'basicWorkScore'),
  // things that nobody holds
  count(village, '路灯数量', '盏', '主要道路两旁可用的路灯', null),
  count(village, '机井眼数', '眼', undefined, null),
  count(village, '垃圾投放点', '个', '年末设置的投放点', null),
  count(village, '公益性岗位人数', '人', '月末在公益性岗位上的人', null),
  count(village, '硬化道路里程', '公里', undefined, null),
  count(village, '图书册数', '册', '农家书屋藏书', null),
  count(village, '耕地面积', '亩', '年末确权耕地', null),
  count(village, '集体土地流转面积', '亩', undefined, null),
  count(village, '村规民约条数', '条', undefined, null),
  count(village, '红白理事会办理件数', '件', '本年操办的件数', null),
  money('水费收缴金额', '全年收到的水费', null),
  money('危桥维修资金', '本年用于维修的资金', null),
  money('村级办公经费', '上级拨付的办公经费', null),
  count(village, '农机台数', '台', undefined, null),
  count(village, '合作社数量', '家', '登记的农民合作社', null),
  count(community, '电动车充电桩', '个', undefined, null),
  count(community, '物业小区数', '个', '有物业服务的小区', null),
  count(community, '楼栋数', '栋', undefined, null),
  count(township, '便民服务窗口数', '个', '季末开放的窗口', null),
  count(township, '食堂就餐座位', '个', undefined, null),
  count(township, '应急物资储备点', '处', undefined, null),
  count(township, '公务用车数量', '辆', undefined, null),
  count(department, '政务服务事项数', '项', '年末进驻大厅的事项', null),
  count(department, '政策文件清理数', '件', '本年废止的文件', null),
  count(department, '信息化系统数量', '个', undefined, null),
  // things that only look like what is held
  count(village, '培训场次', '场次', '本年举办的培训场次', null),
  count(village, '党员人数', '人', '年末党员总数', null),
  count(village, '新受理诉求', '件', '本月新受理的诉求件数', null),
  count(village, '诉求平均办理天数', '天', undefined, null),
  count(village, '服务厅工位数', '个', undefined, null),
  { asking: { name: '活动场所地址', type: 'text', definition: '场所的门牌', audience: village }, repeats: null },
  { asking: { name: '最近一次村务公开日期', type: 'date', audience: village }, repeats: null },
  money('培训经费', '本年用于培训的经费', null),
  count(township, '周转房维修次数', '次', undefined, null),
  count(township, '社会组织志愿活动次数', '次', undefined, null),
  count(department, '修订制度条数', '条', '本年修订的制度', null),
]
