import type { ClientHttp2Stream } from 'node:http2'
import type { BufferCollector } from '../buffer-collector.js'
import type { RawHeaders } from '../headers.js'
import { fieldRecord } from '../reply-h2.js'
import type { RequestBody } from '../request-body.js'
import { forwardedTrailers } from '../response-headers.js'

export interface Upload {
  body: RequestBody
  stream: ClientHttp2Stream
  buffers: BufferCollector
  /** what the client sent behind its body */
  trailers(): RawHeaders
  /** bytes have moved */
  moved(): void
  /** the body could not be read to its end, or its trailers cannot be sent */
  failed(error: Error): void
}

/** Sends a request's body on as the backend takes it, then its trailers. */
export function upload({ body, stream, buffers, trailers, moved, failed }: Upload): void {
  body.on('data', (chunk: Buffer) => {
    buffers.relayed(chunk.length)
    moved()
    if (!stream.closed && !stream.write(chunk)) body.pause()
  })
  stream.on('drain', () => {
    moved()
    body.resume()
  })
  body.on('end', () => {
    moved()
    if (!stream.closed && !stream.destroyed) stream.end()
  })
  body.on('error', failed)
  stream.once('wantTrailers', () => {
    if (stream.closed || stream.destroyed) return
    try {
      stream.sendTrailers(fieldRecord(forwardedTrailers(trailers())))
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
