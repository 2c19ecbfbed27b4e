import type { Challenges } from './challenges.js'
import type { Exchange } from './exchange.js'

/** Answers a request of a certificate authority that waits for it; false when it is a request like any other. */
export function answerChallenge(exchange: Exchange, challenges: Challenges): boolean {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return false
  const answer = challenges.httpAnswer(exchange.host, exchange.target)
  if (answer === null) return false
  exchange.respond(200, ['Content-Type', 'application/octet-stream', 'Cache-Control', 'no-store'], answer)
  return true
}
