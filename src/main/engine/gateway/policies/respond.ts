import { readFile } from 'node:fs/promises'
import type { RespondSettings } from '../../../../shared/policies/trial-schemas.js'
import { GatewayFault } from '../gateway-fault.js'
import type { RawHeaders } from '../headers.js'
import { contentTypeOf } from '../static/content-type.js'
import type { Decision } from './decision.js'
import type { Policy } from './policy.js'

/** Answers by itself, so that a backend need not exist yet. */
export function makeRespond({ status = 200, headers = {}, body = '', file }: RespondSettings): Policy {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const fields = Object.entries(headers).flat()
  const answer = (content: Uint8Array | string, type: string): Decision => {
    const typed: RawHeaders = named.has('content-type') || content.length === 0 ? [] : ['Content-Type', type]
    return { kind: 'answer', status, headers: [...fields, ...typed], body: content }
  }
  return {
    decide: (exchange) => {
      exchange.note('respond', 'answered')
      if (file === undefined) return answer(body, guessType(body))
      return contentOf(file).then((content) => answer(content, contentTypeOf(file)))
    },
  }
}

/** What a person writes into a config file is a page, JSON, or words. */
function guessType(body: string): string {
  if (/^\s*<(!doctype|html)\b/i.test(body)) return 'text/html; charset=utf-8'
  try {
    if (/^\s*[[{]/.test(body) && JSON.parse(body) !== null) return 'application/json'
  } catch {
    // words that begin with a bracket
  }
  return 'text/plain; charset=utf-8'
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new GatewayFault(
      'file-unavailable',
      500,
      `The file ${file}, which the policy "respond" answers with, cannot be read.`,
      'Make it, or name another one in the config.',
      [],
      { cause },
    )
  }
}
