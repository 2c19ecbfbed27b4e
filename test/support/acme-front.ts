import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { makeCertificate, type TestCertificate } from './certificate.js'
import type { Pebble } from './pebble.js'

export interface FrontAnswer {
  status: number
  headers?: Record<string, string>
  body: unknown
}

/** What stands in front of Pebble and answers in its place where a test says so. */
export interface AcmeFront {
  directory: string
  caFile: string
  /** method and path of every request so far */
  requests: string[]
  /** the answer to a request; null lets it through. Open to change. */
  answer: (path: string) => FrontAnswer | null | Promise<FrontAnswer | null>
  /** the bodies that Pebble has answered with */
  bodies: string[]
  /** what is added to the directory. Open to change. */
  extra: Record<string, unknown>
  origin: string
}

/** Pebble makes its URLs from the Host that it is asked by, so that all requests come through here. */
export async function startFront(pebble: Pebble): Promise<AcmeFront> {
  const certificate: TestCertificate = makeCertificate('IP:127.0.0.1')
  const server = https.createServer({ cert: certificate.cert, key: certificate.key }, async (request, response) => {
    const path = request.url ?? ''
    front.requests.push(`${request.method} ${path}`)
    const own = await front.answer(path)
    if (own !== null) {
      const type = own.status >= 400 ? 'application/problem+json' : 'application/json'
      response.writeHead(own.status, { 'Content-Type': type, ...own.headers })
      response.end(JSON.stringify(own.body))
      return
    }
    const { method, headers } = request
    const options = { method, headers: { ...headers, connection: 'close' }, ca: pebble.ca, agent: false as const }
    const onward = https.request(`https://127.0.0.1:${pebble.port}${path}`, options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const { 'content-length': _length, ...rest } = answer.headers
        const body = Buffer.concat(chunks)
        front.bodies.push(String(body))
        response.writeHead(answer.statusCode ?? 502, rest)
        response.end(path === '/dir' ? JSON.stringify({ ...JSON.parse(String(body)), ...front.extra }) : body)
      })
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const front: AcmeFront = {
    directory: `${origin}/dir`,
    origin,
    caFile: certificate.file,
    requests: [],
    bodies: [],
    answer: () => null,
    extra: {},
  }
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    certificate.remove()
  })
  return front
}
