/** What is wrong with a new password; each is told in its own sentence. */
export type PasswordFault = 'too-short' | 'too-long' | 'too-simple' | 'has-user-name' | 'too-common' | 'same-as-before'

export const passwordLength = { least: 10, most: 128 } as const

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

/**
 * The rule for a new password (F-13: complexity): at least 10 characters, two of letters, digits and signs, without the
 * user name in it, and none that everybody tries first.
 * @returns what is wrong, or nothing
 */
export function passwordFaults(password: string, username: string): PasswordFault[] {
  const faults: PasswordFault[] = []
  const length = [...password].length
  if (length < passwordLength.least) faults.push('too-short')
  if (length > passwordLength.most) faults.push('too-long')
  const kinds = [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length
  if (kinds < 2) faults.push('too-simple')
  const plain = password.toLowerCase()
  if (username !== '' && plain.includes(username.toLowerCase())) faults.push('has-user-name')
  if (commonOnes.has(plain.replace(/[^\p{L}\p{N}]/gu, '')) || new Set(plain).size < 4) faults.push('too-common')
  return faults
}
