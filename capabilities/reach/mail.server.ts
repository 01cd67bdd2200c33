import { createTransport } from 'nodemailer'
import type { Config } from '../../server/config.ts'

export type Mail = { to: string; subject: string; text: string; id: string }
export type MailSettings = Pick<Config, 'SMTP_URL' | 'MAIL_FROM' | 'PUBLIC_URL'>

/**
 * Hands mails to the mail server, one connection for all of them. The Message-ID is made from what the mail is about, so a
 * mail server that gets one twice can tell.
 * @param failed told of each mail that the server did not take, with its answer
 */
export async function sendMails(
  { SMTP_URL, MAIL_FROM, PUBLIC_URL }: MailSettings,
  mails: readonly Mail[],
  { sent, failed }: { sent: (mail: Mail) => Promise<void>; failed: (mail: Mail, error: Error) => Promise<void> },
): Promise<void> {
  if (mails.length === 0) return
  if (!SMTP_URL) throw new Error('no mail server is set')
  const transport = createTransport({ url: SMTP_URL, pool: true, maxConnections: 1, connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 })
  const host = new URL(PUBLIC_URL ?? 'http://localhost').hostname
  try {
    for (const mail of mails) {
      const taken = await transport
        .sendMail({ from: MAIL_FROM, to: mail.to, subject: mail.subject, text: mail.text, messageId: `<${mail.id}@${host}>`, headers: { 'Auto-Submitted': 'auto-generated' } })
        .then(() => undefined, (error: Error) => error)
      if (taken) await failed(mail, taken)
      else await sent(mail)
    }
  } finally {
    transport.close()
  }
}
