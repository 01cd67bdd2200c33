import { z } from 'zod'

const Settings = z.object({
  /** Any PostgreSQL ≥ 15; without it the embedded server runs with its data under DATA_DIR. */
  DATABASE_URL: z.string().optional(),
  DATA_DIR: z.string().default('./data'),
  PORT: z.coerce.number().int().default(3000),
  HOST: z.string().default('127.0.0.1'),
  /** The address people type; sign-in cookies and links need it. */
  PUBLIC_URL: z.string().optional(),
  /** Signs cookies. Without it one is made at the first start and kept in DATA_DIR. */
  SECRET: z.string().min(32).optional(),
  /** Attachments go into this bucket of an S3-speaking store instead of DATA_DIR/files. */
  S3_BUCKET: z.string().optional(),
  /** The store's address when it is not Amazon's. */
  S3_ENDPOINT: z.url().optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  /** In front of every key, such as `sanji/`. */
  S3_PREFIX: z.string().default(''),
  /** The province's identity provider (OpenID Connect): its issuer, and what it gave this platform. All three or none. */
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** What the button on the sign-in page calls it. */
  OIDC_NAME: z.string().default('统一身份认证'),
  /** The claim that carries the user name here. */
  OIDC_CLAIM: z.string().default('preferred_username'),
  /** The mail server, such as smtp://user:password@mail.example:587. Without it nothing is mailed. */
  SMTP_URL: z.url().optional(),
  /** Who mails: `三基 <sanji@example.gov>`. */
  MAIL_FROM: z.string().default('三基 <sanji@localhost>'),
  /** Where group robots may be, besides nowhere: host names (https only) or whole origins, with commas. */
  ROBOT_HOSTS: z.string().default('qyapi.weixin.qq.com,oapi.dingtalk.com').transform((text) => text.split(',').map((one) => one.trim()).filter(Boolean)),
  POOL: z.coerce.number().int().min(2).default(20),
  /** Who may read /metrics: programs on this machine, or everybody who reaches the port. */
  METRICS: z.enum(['local', 'open']).default('local'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})
const Config = Settings.superRefine((settings, context) => {
  const together = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const
  const missing = together.filter((name) => settings[name] === undefined)
  if (missing.length === together.length) return
  for (const name of missing) context.addIssue({ code: 'custom', path: [name], message: `is needed as well when one of ${together.join(', ')} is set` })
})
export type Config = z.infer<typeof Config>

/** Reads the settings from the environment. Throws an Error that names each wrong setting. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = Config.safeParse(env)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new Error(`settings in the environment are wrong: ${wrong}`)
}
