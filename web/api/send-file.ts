import { ApiProblem, problemIn } from './problem.ts'

/**
 * Sends one file to a raw route and tells how much of it has left; fetch cannot. Throws ApiProblem.
 * @param onShare told the share that has left, 0 to 1
 */
export function sendFile<Answer>(path: string, file: Blob, onShare: (share: number) => void): Promise<Answer> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', ({ loaded, total }) => onShare(total > 0 ? loaded / total : 0))
    request.addEventListener('error', () => failed(new ApiProblem('offline')))
    request.addEventListener('load', () => {
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) done(body as Answer)
      else failed(problemIn(body, request.status, request.getResponseHeader('x-request-id') ?? undefined))
    })
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
