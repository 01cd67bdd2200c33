import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** When a connection breaks: after so many bytes to the server, or from it; never when both are undefined. */
export type Cut = { up?: number; down?: number }

/** A line between the browser and the platform that the test breaks as it likes: bytes are passed on until then. */
export type Line = {
  port: number
  /** Breaks every connection and takes no new one. */
  fall: () => void
  rise: () => void
  /** The next connections break as these say, one after the other; then none does. */
  cutNext: (...cuts: Cut[]) => void
  close: () => Promise<void>
}

export async function openLine(to: number): Promise<Line> {
  let isUp = true
  let cuts: Cut[] = []
  const open = new Set<Socket>()
  const server = createServer((near) => {
    if (!isUp) return void near.destroy()
    const far = connect(to, '127.0.0.1')
    const cut = cuts.shift() ?? {}
    const end = () => {
      near.destroy()
      far.destroy()
      open.delete(near)
    }
    open.add(near)
    pass(near, far, cut.up, end)
    pass(far, near, cut.down, end)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    fall: () => {
      isUp = false
      for (const socket of open) socket.destroy()
    },
    rise: () => void (isUp = true),
    cutNext: (...next) => void (cuts = next),
    close: () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy()
        server.close(() => done())
      }),
  }
}

function pass(from: Socket, to: Socket, most = Infinity, end: () => void): void {
  let left = most
  from.on('data', (bytes) => {
    to.write(bytes.subarray(0, left))
    left -= bytes.length
    if (left <= 0) setImmediate(end)
  })
  from.on('error', end)
  from.on('close', end)
}
