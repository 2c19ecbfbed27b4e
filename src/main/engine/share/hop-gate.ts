import type { IncomingMessage } from 'node:http'
import type { RawHeaders } from '../gateway/headers.js'

/** A request that is not passed on. */
export interface HopRefusal {
  status: number
  /** for the visitor */
  text: string
  /** further fields, flat */
  fields?: readonly string[]
}

/** Looks at visitors where no gateway has done so before. */
export interface HopGate {
  /** @returns null to let it in */
  admit(request: IncomingMessage): HopRefusal | null | Promise<HopRefusal | null>
  /** The request's fields with what they tell of the visitor made right. */
  fields(request: IncomingMessage): RawHeaders
}

const SORRY = 'This app is not running at the moment.'

/** Visitors learn nothing of the machine behind it. */
export const UNREACHABLE: HopRefusal = { status: 502, text: SORRY }
