import { describe, expect, test } from 'vitest'
import { refusedAddress, robotBody, toSign } from './robot-message.ts'

const said = { id: 7, kind: 'reminder', unit: '东川1镇第1村', text: '催办：摸清[底数](http://x) **', at: '2018-07-02T01:00:00.000Z', link: 'https://sanji.example/tasks/9' }

describe('what a robot is told', () => {
  test('a title cannot smuggle a link or a heading into the message', () => {
    const { markdown } = robotBody('wecom', '三基通知', [said]) as { markdown: { content: string } }
    expect(markdown.content).toBe('**三基通知**\n- 东川1镇第1村：[催办：摸清 底数 http://x](https://sanji.example/tasks/9)')
  })
  test('DingTalk wants a title beside the text', () => {
    expect(robotBody('dingtalk', '三基通知', [said])).toMatchObject({ msgtype: 'markdown', markdown: { title: '三基通知', text: expect.stringContaining('#### 三基通知\n- ') } })
  })
  test('our own shape carries the notices as they are', () => {
    expect(robotBody('plain', '三基通知', [said])).toEqual({ title: '三基通知', notices: [said] })
  })
  test('what is signed: body and time, time and secret, or nothing', () => {
    const of = { timestamp: 1530493200000, secret: 'SEC', body: '{}' }
    expect([toSign('plain', of), toSign('dingtalk', of), toSign('dingtalk', { ...of, secret: '' }), toSign('wecom', of)]).toEqual(['1530493200000.{}', '1530493200000\nSEC', undefined, undefined])
  })
})

test.each([
  ['https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1', undefined],
  ['http://qyapi.weixin.qq.com/x', 'not-https'],
  ['https://qyapi.weixin.qq.com:8443/x', 'host-not-allowed'],
  ['https://qyapi.weixin.qq.com.evil.example/x', 'host-not-allowed'],
  ['https://169.254.169.254/latest', 'host-not-allowed'],
  ['https://qyapi.weixin.qq.com@evil.example/', 'not-an-address'],
  ['http://10.0.0.5:8080/hook', undefined],
  ['http://10.0.0.5:8081/hook', 'not-https'],
  ['nonsense', 'not-an-address'],
] as const)('%s', (url, why) => {
  expect(refusedAddress(url, ['qyapi.weixin.qq.com', 'http://10.0.0.5:8080'])).toBe(why)
})
