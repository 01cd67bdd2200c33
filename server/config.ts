import { z } from 'zod'

const Config = z.object({
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
  POOL: z.coerce.number().int().min(2).default(20),
  /** Who may read /metrics: programs on this machine, or everybody who reaches the port. */
  METRICS: z.enum(['local', 'open']).default('local'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
})
export type Config = z.infer<typeof Config>

/** Reads the settings from the environment. Throws an Error that names each wrong setting. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = Config.safeParse(env)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new Error(`settings in the environment are wrong: ${wrong}`)
}
