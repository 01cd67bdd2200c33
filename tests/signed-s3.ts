import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, request as send, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * The S3-speaking server of the tests (s3rver) knows an access key and believes every signature. This stands before it and
 * recomputes the signature of each request as a store does (AWS Signature Version 4, “Authenticating Requests”): what is
 * not signed with the secret, or whose body is not the signed one, is refused with 403 and never reaches the server.
 */
export async function signedS3(to: { port: number }, keys: { accessKey: string; secret: string }): Promise<{ port: number; refused: () => number; close: () => Promise<void> }> {
  let refused = 0
  const server: Server = createServer((incoming, answer) => {
    void (async () => {
      const body = await buffer(incoming)
      const wrong = whatIsWrong(incoming, body, keys)
      if (wrong) {
        refused++
        answer.writeHead(403, { 'content-type': 'application/xml' })
        return void answer.end(incoming.method === 'HEAD' ? undefined : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${wrong}</Code><Message>${messages[wrong]}</Message></Error>`)
      }
      const passed = send({ port: to.port, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers: incoming.headers }, (from) => {
        answer.writeHead(from.statusCode!, from.headers)
        from.pipe(answer)
      })
      passed.on('error', () => answer.destroy())
      passed.end(body)
    })().catch(() => answer.destroy())
  })
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready))
  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

const messages = {
  InvalidAccessKeyId: 'The access key is not known here.',
  SignatureDoesNotMatch: 'The signature does not match: check the secret key.',
  XAmzContentSHA256Mismatch: 'The body is not the one that was signed.',
  AccessDenied: 'The request is not signed.',
} as const

function whatIsWrong(request: IncomingMessage, body: Buffer, { accessKey, secret }: { accessKey: string; secret: string }): keyof typeof messages | undefined {
  const [, key, day, region, service, signed, given] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '') ?? []
  if (!key || !day || !region || !service || !signed || !given) return 'AccessDenied'
  if (key !== accessKey) return 'InvalidAccessKeyId'
  const payload = String(request.headers['x-amz-content-sha256'])
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== createHash('sha256').update(body).digest('hex')) return 'XAmzContentSHA256Mismatch'
  const [path = '', query = ''] = request.url!.split('?')
  const names = signed.split(';')
  const canonical = [
    request.method,
    path,
    query.split('&').filter(Boolean).map((pair) => (pair.includes('=') ? pair : `${pair}=`)).sort().join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signed,
    payload,
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const hmac = (with_: Buffer | string, text: string) => createHmac('sha256', with_).update(text).digest()
  const derived = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day))
  return timingSafeEqual(hmac(derived, toSign), Buffer.from(given, 'hex')) ? undefined : 'SignatureDoesNotMatch'
}
