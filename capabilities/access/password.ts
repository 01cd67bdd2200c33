/** What is wrong with a new password; each is told in its own sentence. */
export type PasswordFault =
  | 'too-short' | 'too-long' | 'too-simple' | 'no-mixed-case' | 'has-user-name' | 'has-name' | 'too-common' | 'same-as-before' | 'used-before'

/** What a new password must keep, as the security administrator has set it (F-13: complexity and change). */
export type PasswordRules = {
  /** Characters at least. */
  least: number
  /** How many of the three classes letters, digits, signs it has at least. */
  classes: number
  /** Capital and small letters both. */
  mixedCase: boolean
  /** None that everybody tries first. */
  notCommon: boolean
  /** How many former passwords may not be used again. */
  history: number
  /** Days until a password must be changed; 0: never. */
  maxAgeDays: number
}

export const passwordLength = { least: 10, most: 128 } as const
export const passwordRules: PasswordRules = { least: passwordLength.least, classes: 2, mixedCase: false, notCommon: true, history: 3, maxAgeDays: 0 }

/** Passwords that people try first; compared without case and without what is not a letter or digit. */
const common = [
  '0123456789', '1234567890', '12345678910', '0987654321', '1122334455', '1111111111', '0000000000', '1231231234',
  'a123456789', 'a1234567890', 'aa123456789', 'abc1234567', 'abc123456789', 'abcd123456', 'abcd1234567', 'abcdef1234',
  'abc123abc123', '123456abcdef', '123456789a', '1234567890a', '12345qwert', 'qwer123456', 'qwer1234567', 'qwert12345',
  'qwerty1234', 'qwerty12345', 'qwerty123456', 'qwertyuiop1', '1qaz2wsx3edc', '1q2w3e4r5t', '1q2w3e4r5t6y', 'q1w2e3r4t5',
  'zaq12wsxcde3', 'password12', 'password123', 'password1234', 'passw0rd123', 'p4ssword123', 'admin12345', 'admin123456',
  'admin1234567', 'administrator1', 'welcome123', 'welcome1234', 'letmein123', 'iloveyou123', 'woaini1314', 'woaini520',
  'woaini1314520', 'woaini5201314', '5201314abc', 'abc5201314', 'test123456', 'guest12345', 'user123456', 'root123456',
  'changeme123', 'initial123', 'shouji12345', 'zhongguo123', 'china12345', 'sanji12345', 'sanji123456', 'sanji2018abc',
]
const commonOnes = new Set(common)

/** What a person is called: the user name, and the name in pinyin where it is known (the browser does not know it). */
export type Called = { username: string; pinyin?: string }

/**
 * What a new password must keep (F-13: complexity): length, classes, nobody's own name, none that everybody tries first.
 * @returns what is wrong, or nothing
 */
export function passwordFaults(password: string, { username, pinyin = '' }: Called, rules: PasswordRules = passwordRules): PasswordFault[] {
  const faults: PasswordFault[] = []
  const length = [...password].length
  if (length < rules.least) faults.push('too-short')
  if (length > passwordLength.most) faults.push('too-long')
  const kinds = [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length
  if (kinds < rules.classes) faults.push('too-simple')
  if (rules.mixedCase && !(/\p{Lu}/u.test(password) && /\p{Ll}/u.test(password))) faults.push('no-mixed-case')
  const plain = password.toLowerCase()
  if (username !== '' && plain.includes(username.toLowerCase())) faults.push('has-user-name')
  // Three letters of pinyin are in many a word; four are somebody's name.
  if (pinyin.length >= 4 && plain.replace(/[^a-z]/g, '').includes(pinyin.toLowerCase())) faults.push('has-name')
  if (rules.notCommon && (commonOnes.has(plain.replace(/[^\p{L}\p{N}]/gu, '')) || new Set(plain).size < 4)) faults.push('too-common')
  return faults
}

/** @returns whether a password that was set at this moment is too old now; times in milliseconds */
export function isExpired(changedAt: number, now: number, { maxAgeDays }: PasswordRules): boolean {
  return maxAgeDays > 0 && now - changedAt > maxAgeDays * 86_400_000
}
