/**
 * Values as they are typed, and back. `read` never refuses: what cannot be read stays the text that it is, and the schema
 * says what is wrong with it. `show` gives what stands in the fields for a value.
 */
export interface Typing<T> {
  read(typed: T): unknown
  show(value: unknown): T
}

export interface Amount {
  /** as typed */
  amount: string
  unit: string
}

export interface Row {
  name: string
  value: string
}

/** Text; empty is nothing, unless something must stand there. */
export function textTyping(required: boolean): Typing<string> {
  return {
    read: (typed) => (typed === '' && !required ? undefined : typed),
    show: (value) => (typeof value === 'string' ? value : ''),
  }
}

export const numberTyping: Typing<string> = {
  read: (typed) => numberOr(typed, (number) => number),
  show: (value) => (value === undefined ? '' : String(value)),
}

/** A share from 0 to 1 as a percentage. */
export const percentTyping: Typing<string> = {
  read: (typed) => numberOr(typed, (percent) => Math.round(percent * 1e4) / 1e6),
  show: (value) => (typeof value === 'number' ? String(Math.round(value * 1e6) / 1e4) : String(value ?? '')),
}

export const BYTE_UNITS: Readonly<Record<string, number>> = { bytes: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** @param usual the unit where nothing is set */
export function bytesTyping(usual: string): Typing<Amount> {
  return {
    read: ({ amount, unit }) => numberOr(amount, (number) => Math.round(number * (BYTE_UNITS[unit] ?? 1))),
    show: (value) => {
      if (typeof value !== 'number') return { amount: String(value ?? ''), unit: value === undefined ? usual : 'bytes' }
      const [unit, bytes] = Object.entries(BYTE_UNITS).findLast(([, size]) => value >= size && value % size === 0) ?? [
        'bytes',
        1,
      ]
      return { amount: String(value / bytes), unit }
    },
  }
}

export const TIME_UNITS = ['ms', 's', 'm', 'h', 'd'] as const

export function durationTyping(required: boolean): Typing<Amount> {
  return unitTyping(/^(.*?)(ms|s|m|h|d)$/s, '', 's', required)
}

export const RATE_UNITS = ['s', 'm', 'h', 'd'] as const

export function rateTyping(required: boolean): Typing<Amount> {
  return unitTyping(/^(.*?)\/(s|m|h|d)$/s, '/', 'm', required)
}

/** A list, one text a line. @param regexes whether "/…/" stands for `{"regex": "…"}` */
export function linesTyping({ required, orOne, regexes }: ListWishes): Typing<string> {
  return {
    read: (typed) => {
      const lines = typed.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
      if (lines.length === 0) return required ? [] : undefined
      const items = regexes ? lines.map(regexOr) : lines
      return orOne && items.length === 1 ? items[0] : items
    },
    show: (value) => (value === undefined ? '' : Array.isArray(value) ? value.map(lineOf).join('\n') : String(value)),
  }
}

interface ListWishes {
  required: boolean
  orOne: boolean
  regexes: boolean
}

/** Text by name, a row each. @param loose whether what looks like JSON is a number, a boolean or a list */
export function rowsTyping(required: boolean, loose: boolean): Typing<Row[]> {
  return {
    read: (rows) => {
      const given = rows.filter(({ name, value }) => name.trim() !== '' || value !== '')
      if (given.length === 0 && !required) return undefined
      return Object.fromEntries(given.map(({ name, value }) => [name.trim(), loose ? looseOr(value) : value]))
    },
    show: (value) =>
      Object.entries(value ?? {}).map(([name, one]) => ({ name, value: loose ? looseText(one) : String(one) })),
  }
}

/** Any value as JSON. */
export const jsonTyping: Typing<string> = {
  read: (typed) => (typed.trim() === '' ? undefined : parsedOr(typed)),
  show: (value) =>
    value === undefined
      ? ''
      : typeof value === 'string' && parsedOr(value) === value
        ? value
        : JSON.stringify(value, null, 2),
}

/** The first name that stands in two rows, of which only the later would count; null when there is none. */
export function doubledName(rows: readonly Row[]): string | null {
  const names = rows.map(({ name }) => name.trim()).filter((name) => name !== '')
  return names.find((name, at) => names.indexOf(name) !== at) ?? null
}

function numberOr(typed: string, use: (number: number) => number): unknown {
  const text = typed.trim()
  if (text === '') return undefined
  return /^-?\d+(\.\d+)?$/.test(text) ? use(Number(text)) : text
}

function unitTyping(form: RegExp, between: string, unit: string, required: boolean): Typing<Amount> {
  return {
    read: (typed) => {
      const amount = typed.amount.trim()
      if (amount === '') return required ? '' : undefined
      return `${amount}${between}${typed.unit}`
    },
    show: (value) => {
      const match = form.exec(String(value ?? ''))
      return { amount: match?.[1] ?? String(value ?? ''), unit: match?.[2] ?? unit }
    },
  }
}

function regexOr(line: string): unknown {
  const regex = /^\/(.+)\/$/.exec(line)?.[1]
  return regex === undefined ? line : { regex }
}

function lineOf(item: unknown): string {
  if (typeof item === 'string') return item
  const { regex } = (item ?? {}) as { regex?: unknown }
  return typeof regex === 'string' ? `/${regex}/` : JSON.stringify(item)
}

function looseOr(text: string): unknown {
  const value = parsedOr(text)
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string')
  return isList || typeof value !== 'object' ? value : text
}

function looseText(value: unknown): string {
  return typeof value === 'string' && looseOr(value) === value ? value : JSON.stringify(value)
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
