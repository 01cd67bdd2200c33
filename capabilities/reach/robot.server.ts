import { createHmac } from 'node:crypto'
import { refusedAddress, robotBody, toSign, type RobotShape, type Said } from './robot-message.ts'

const answersWithinMs = 10_000

/**
 * Tells a group's robot some notices in one message. The address is looked at again at each call: a host that the
 * administrator has taken off the list is not called any more, and no redirect is followed.
 * @returns undefined when the robot took it, otherwise why not
 */
export async function tellRobot(
  robot: { shape: RobotShape; url: string; secret: string },
  { title, notices, now, hosts }: { title: string; notices: readonly Said[]; now: Date; hosts: readonly string[] },
): Promise<string | undefined> {
  const refused = refusedAddress(robot.url, hosts)
  if (refused) return refused
  const body = JSON.stringify(robotBody(robot.shape, title, notices))
  const timestamp = now.getTime()
  const signed = toSign(robot.shape, { timestamp, secret: robot.secret, body })
  const hmac = (encoding: 'hex' | 'base64') => createHmac('sha256', robot.secret).update(signed!).digest(encoding)
  const address = new URL(robot.url)
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
  if (signed !== undefined && robot.shape === 'dingtalk') {
    address.searchParams.set('timestamp', String(timestamp))
    address.searchParams.set('sign', hmac('base64'))
  }
  if (signed !== undefined && robot.shape === 'plain') {
    headers['x-sanji-timestamp'] = String(timestamp)
    headers['x-sanji-signature'] = `sha256=${hmac('hex')}`
  }
  try {
    const answer = await fetch(address, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(answersWithinMs) })
    const text = (await answer.text()).slice(0, 2_000)
    if (!answer.ok) return `${answer.status} ${text.slice(0, 200)}`
    return robot.shape === 'plain' ? undefined : refusalIn(text)
  } catch (error) {
    const cause = (error as { cause?: Error }).cause
    return cause?.message || (error as Error).message
  }
}

/** WeCom and DingTalk answer 200 also when they refuse; `errcode` tells. */
function refusalIn(text: string): string | undefined {
  try {
    const { errcode, errmsg } = JSON.parse(text) as { errcode?: number; errmsg?: string }
    return errcode === 0 ? undefined : `${errcode} ${errmsg ?? ''}`.trim()
  } catch {
    return `no JSON: ${text.slice(0, 100)}`
  }
}
