/** A group's robot speaks one of these: our own signed JSON, or what WeCom and DingTalk robots take. */
export type RobotShape = 'plain' | 'wecom' | 'dingtalk'

/** One notice in words, with the page about it. */
export type Said = { id: number; kind: string; unit: string; text: string; at: string; link: string }

/** @returns the body that a robot of this shape takes for some notices */
export function robotBody(shape: RobotShape, title: string, notices: readonly Said[]): object {
  const lines = notices.map(({ unit, text, link }) => `- ${plain(unit)}：[${plain(text)}](${link})`).join('\n')
  if (shape === 'wecom') return { msgtype: 'markdown', markdown: { content: `**${title}**\n${lines}` } }
  if (shape === 'dingtalk') return { msgtype: 'markdown', markdown: { title, text: `#### ${title}\n${lines}` } }
  return { title, notices }
}

/** Titles are people's text: they must not become links or headings of the message. */
const plain = (text: string) => text.replace(/[[\]()*_`#>\n\r]/g, ' ').replace(/\s+/g, ' ').trim()

/**
 * What is signed, and where the signature goes. `plain`: HMAC-SHA256 of `timestamp.body` as hex in the header
 * `x-sanji-signature`; DingTalk: HMAC-SHA256 of `timestamp\nsecret` as base64 in the address; WeCom does not sign.
 * @param timestamp milliseconds
 */
export function toSign(shape: RobotShape, { timestamp, secret, body }: { timestamp: number; secret: string; body: string }): string | undefined {
  if (shape === 'plain') return `${timestamp}.${body}`
  return shape === 'dingtalk' && secret !== '' ? `${timestamp}\n${secret}` : undefined
}

/** @returns undefined when a robot's address may be called, otherwise why not. @param hosts `host` (https only) or a whole origin */
export function refusedAddress(url: string, hosts: readonly string[]): 'not-an-address' | 'not-https' | 'host-not-allowed' | undefined {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (!address || address.username !== '' || address.password !== '') return 'not-an-address'
  if (hosts.includes(address.origin)) return undefined
  if (address.protocol !== 'https:') return 'not-https'
  return hosts.includes(address.hostname) && address.port === '' ? undefined : 'host-not-allowed'
}
