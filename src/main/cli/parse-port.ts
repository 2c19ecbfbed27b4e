import { InvalidArgumentError } from 'commander'

/** A port to listen on, 0 for any free one. @throws InvalidArgumentError for anything else */
export function listeningPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a port from 0 to 65535.')
}
