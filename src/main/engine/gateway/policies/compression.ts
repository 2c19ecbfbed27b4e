import { createBrotliCompress, createGzip, createZstdCompress, constants as zlib } from 'node:zlib'
import type { CompressionSettings } from '../../../../shared/policies/content-schemas.js'
import type { Exchange } from '../exchange.js'
import { addVary, removeField, setField, weakenConfirmedTag, weakenTag } from '../field-edits.js'
import { isGrpcType } from '../grpc/grpc-request.js'
import { headerValue, headerValues, type RawHeaders } from '../headers.js'
import type { Reply } from '../reply.js'
import { rankEncodings } from '../static/negotiate-encoding.js'
import { CompressedReply, type Compressor } from './compressed-reply.js'
import { CONTINUE } from './decision.js'
import type { Policy } from './policy.js'
import { quoted } from './quoted.js'

export type Encoding = 'zstd' | 'br' | 'gzip'

const ENCODINGS: readonly Encoding[] = ['zstd', 'br', 'gzip']
/** Types whose bodies are mostly text, or fonts and pictures that are not compressed by themselves. */
const SHRINKS =
  /^(?:text\/.+|.+\+(?:json|text|xml|yaml)|application\/(?:json|(?:x-)?javascript|ecmascript|xml|wasm|graphql|(?:x-)?yaml|toml|rtf|sql|x-ndjson|vnd\.ms-fontobject)|font\/(?:ttf|otf|collection)|image\/(?:bmp|x-icon|vnd\.microsoft\.icon)|model\/(?:obj|stl))$/
const MIN_BYTES = 1_024
/** Fast ones: what is compressed here is compressed on each request. */
const BROTLI_QUALITY = 4
const GZIP_LEVEL = 5
const ZSTD_LEVEL = 3

/** Compresses answers on their way to clients that accept it (RFC 9110 section 12.5.3). */
export function makeCompression(settings: CompressionSettings): Policy {
  const rules = compile(settings)
  return {
    decide: (exchange) => {
      if (exchange.protocol.endsWith('websocket')) return CONTINUE
      const accept = headerValues(exchange.headers, 'accept-encoding').join(',')
      exchange.through(
        (next) =>
          new CompressedReply(next, exchange, (status, headers, bodiless) =>
            begin(exchange, next, rules, accept, status, headers, bodiless),
          ),
      )
      return CONTINUE
    },
  }
}

interface Rules {
  encodings: readonly Encoding[]
  minBytes: number
  fits(type: string): boolean
}

function compile({ encodings: wanted, minBytes = MIN_BYTES, types }: CompressionSettings): Rules {
  const encodings: readonly Encoding[] = wanted ?? ENCODINGS
  if (types === undefined) return { encodings, minBytes, fits: (type) => SHRINKS.test(type) }
  const patterns = types.map((type) => new RegExp(`^${type.toLowerCase().split('*').map(quoted).join('.*')}$`))
  return { encodings, minBytes, fits: (type) => patterns.some((pattern) => pattern.test(type)) }
}

/** Decides on one answer, and changes its fields for what it becomes. @returns null when it stays as it is */
function begin(
  exchange: Exchange,
  next: Reply,
  rules: Rules,
  accept: string,
  status: number,
  headers: RawHeaders,
  bodiless: boolean,
): Compressor | null {
  if (status === 304) {
    weakenConfirmedTag(headers, exchange.headers)
    addVary(headers, ['Accept-Encoding'], next.lowerCaseNames)
  }
  if (!mayBeCompressed(rules, status, headers)) return null
  addVary(headers, ['Accept-Encoding'], next.lowerCaseNames)
  const encoding = chooseEncoding(rules.encodings, accept)
  if (encoding === null) return null
  for (const name of ['content-length', 'accept-ranges', 'content-md5', 'content-digest', 'digest'])
    removeField(headers, name)
  setField(headers, 'Content-Encoding', encoding, next.lowerCaseNames)
  weakenTag(headers)
  exchange.note('compression', encoding)
  if (bodiless) return null
  const stream = headerValue(headers, 'content-type')?.startsWith('text/event-stream') === true
  return { transform: transformOf(encoding), flush: flushOf(encoding), eachWrite: stream }
}

/**
 * Whether an answer is one that is worth it and may be changed: a whole body of a type that shrinks, not coded yet, and
 * without no-transform (RFC 9111 section 5.2.2.6).
 */
export function mayBeCompressed(
  { minBytes, fits }: Omit<Rules, 'encodings'>,
  status: number,
  headers: RawHeaders,
): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return false
  const coding = headerValue(headers, 'content-encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return false
  if (headerValue(headers, 'content-range') !== undefined) return false
  if (headerValues(headers, 'cache-control').some((value) => /(^|,)\s*no-transform\s*(,|$)/i.test(value))) return false
  const type = headerValue(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  // Messages of gRPC are compressed one by one, and its clients know no Content-Encoding.
  if (isGrpcType(type)) return false
  if (type === undefined || !(fits(type) || type === 'text/event-stream')) return false
  const length = headerValue(headers, 'content-length')
  return length === undefined || Number(length) >= minBytes
}

/** The client's own preference first, then ours; null when it wants the body as it is. */
export function chooseEncoding(encodings: readonly Encoding[], accept: string): Encoding | null {
  const [first] = rankEncodings(accept, encodings)
  return first === undefined || first === 'identity' ? null : first
}

function transformOf(encoding: Encoding): Compressor['transform'] {
  switch (encoding) {
    case 'zstd':
      return createZstdCompress({ params: { [zlib.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })
    case 'br':
      return createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
    case 'gzip':
      return createGzip({ level: GZIP_LEVEL })
  }
}

function flushOf(encoding: Encoding): number {
  if (encoding === 'zstd') return zlib.ZSTD_e_flush
  return encoding === 'br' ? zlib.BROTLI_OPERATION_FLUSH : zlib.Z_SYNC_FLUSH
}
