import type { Socket } from 'node:net'

/** What certificate authorities look for to see that a host is ours. Nothing is there while nobody was asked. */
export interface Challenges {
  /** The body to answer with over plain HTTP (RFC 8555 section 8.3); null when it is a request like any other. */
  httpAnswer(host: string, path: string): string | null
  /** Whether more of a TLS greeting must be read before `takeTls` can tell. */
  wantsMore(greeting: Buffer): boolean
  /** Takes a TLS connection that only looks for a challenge (RFC 8737), whose greeting is still to be read from it. */
  takeTls(socket: Socket, greeting: Buffer): boolean
}
