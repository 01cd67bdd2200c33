/** Every verb an endpoint may need. Verbs are granted to a post kind (pack data) on the post's unit and all below it. */
export const verbs = {
  'unit.read': '看单位 / read units',
  'unit.manage': '管理单位、职务 / manage units and posts',
  'account.manage': '管理账号（系统管理员）/ manage accounts (system administrator)',
  'grant.manage': '授权、解锁（安全管理员）/ grant posts, unlock (security administrator)',
  'audit.read': '看审计记录（审计管理员）/ read the trail (audit administrator)',
  'pack.manage': '应用内容包 / apply packs',
  'record.read': '看填报 / read returns',
  'record.fill': '填报 / fill in returns',
  'record.check': '审核填报 / accept or send back returns',
  'form.register': '登记表单 / register forms',
  'burden.approve': '减负审核 / approve forms as burden officer',
  'indicator.read': '看指标 / read indicators',
  'target.set': '定目标 / set targets',
  'list.read': '看清单 / read lists',
  'list.issue': '下发清单 / write and issue lists',
  'task.work': '办理任务 / sign for, work on and report tasks',
  'task.check': '核验任务、批延期、催办 / check tasks, decide deferrals, remind',
  'task.comment': '点评 / comment on tasks',
} as const

export type Verb = keyof typeof verbs
