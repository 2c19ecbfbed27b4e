import {
  type ChannelOptions,
  Client,
  credentials,
  type handleServerStreamingCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'
import type { Reachable } from './gateway.js'

/** Messages are bytes as they are: what is tested is their way, not their meaning. */
export const bytes = (message: Buffer): Buffer => message

function method(name: string, requestStream: boolean, responseStream: boolean) {
  const serializers = {
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
  return { path: `/test.Echo/${name}`, requestStream, responseStream, ...serializers }
}

const ECHO: ServiceDefinition = {
  unary: method('Unary', false, false),
  collect: method('Collect', true, false),
  repeat: method('Repeat', false, true),
  chat: method('Chat', true, true),
}

export interface EchoHandlers {
  unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void
  collect(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>): void
  repeat(call: ServerWritableStream<Buffer, Buffer>): void
  chat(call: ServerDuplexStream<Buffer, Buffer>): void
}

const STANDARD: EchoHandlers = {
  unary: (call, done) => done(null, call.request),
  collect: (call, done) => {
    const chunks: Buffer[] = []
    call.on('data', (chunk: Buffer) => chunks.push(chunk))
    call.on('end', () => done(null, Buffer.concat(chunks)))
    call.on('error', () => {})
  },
  repeat: (call) => {
    for (let i = 0; i < 3; i++) call.write(Buffer.concat([call.request, Buffer.from(String(i))]))
    call.end()
  },
  chat: (call) => {
    call.on('data', (chunk: Buffer) => call.write(chunk))
    call.on('end', () => call.end())
    call.on('error', () => {})
  },
}

export interface GrpcBackend {
  readonly port: number
  readonly server: Server
  /** Ends every connection at once. */
  stop(): void
}

const UNLIMITED: ChannelOptions = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

/** A gRPC server of grpc-js that echoes, but for what is handled otherwise. */
export async function startGrpcBackend(
  handlers: Partial<EchoHandlers> = {},
  { port = 0, tls = null }: { port?: number; tls?: { cert: string; key: string } | null } = {},
): Promise<GrpcBackend> {
  const server = new Server(UNLIMITED)
  server.addService(ECHO, { ...STANDARD, ...handlers } as unknown as Record<
    string,
    handleServerStreamingCall<Buffer, Buffer>
  >)
  const secret =
    tls === null
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }])
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, secret, (error, got) => (error === null ? resolve(got) : reject(error)))
  })
  return { port: bound, server, stop: () => server.forceShutdown() }
}

/** A client of grpc-js that reaches an app through the gateway, with a connection of its own. */
export function grpcClient(gateway: Reachable, host = 'app.localhost'): Client {
  return new Client(`ipv4:127.0.0.1:${gateway.httpsPort}`, credentials.createSsl(Buffer.from(gateway.ca)), {
    ...UNLIMITED,
    'grpc.ssl_target_name_override': host,
    'grpc.default_authority': `${host}:${gateway.httpsPort}`,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  })
}

export function metadata(fields: Record<string, string | Buffer>): Metadata {
  const out = new Metadata()
  for (const [name, value] of Object.entries(fields)) out.set(name, value)
  return out
}

export interface Outcome {
  code: number
  details: string
  message: Buffer | null
  headers: Metadata | null
  trailers: Metadata
}

/** One unary call. Never rejects: a failed call has its code. */
export function callUnary(
  client: Client,
  message: Buffer,
  { fields = {}, deadlineMs }: { fields?: Record<string, string | Buffer>; deadlineMs?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    let answer: Buffer | null = null
    let headers: Metadata | null = null
    const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
    const call = client.makeUnaryRequest(
      '/test.Echo/Unary',
      bytes,
      bytes,
      message,
      metadata(fields),
      options,
      (_error, value) => {
        answer = value ?? null
      },
    )
    call.on('metadata', (received) => {
      headers = received
    })
    call.on('status', ({ code, details, metadata: trailers }) =>
      setImmediate(() => resolve({ code, details, message: answer, headers, trailers })),
    )
  })
}
