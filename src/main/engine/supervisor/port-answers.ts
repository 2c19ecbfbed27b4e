import net from 'node:net'

const CONNECT_MS = 1_000
/** A dev server may listen on `localhost`, which is either. */
const LOOPBACKS = ['127.0.0.1', '::1'] as const

/** Whether somebody accepts connections on a port of this machine. */
export async function portAnswers(port: number): Promise<boolean> {
  const answers = await Promise.all(LOOPBACKS.map((host) => answersAt(host, port)))
  return answers.includes(true)
}

/** Whether somebody accepts connections there. */
export function answersAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    const socket = net.connect({ host, port })
    socket.setTimeout(CONNECT_MS, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
