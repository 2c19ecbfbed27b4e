const TIME = '\\d{2}:\\d{2}:\\d{2}'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const FIXDATE = new RegExp(`^[a-z]{3}, \\d{2} ${MONTH} \\d{4} ${TIME} GMT$`, 'i')
const RFC850 = new RegExp(`^[a-z]{6,9}, (\\d{2})-(${MONTH})-(\\d{2}) (${TIME}) GMT$`, 'i')
const ASCTIME = new RegExp(`^[a-z]{3} ${MONTH} [ \\d]\\d ${TIME} \\d{4}$`, 'i')

/**
 * A date of HTTP in any of its three forms (RFC 9110 section 5.6.7).
 *
 * @param now milliseconds since the epoch; decides the century of a year of two digits
 * @returns milliseconds since the epoch; null for what is no such date
 */
export function httpDate(value: string | undefined, now: number): number | null {
  if (value === undefined) return null
  const text = value.trim()
  if (FIXDATE.test(text)) return numberOrNull(Date.parse(text))
  if (ASCTIME.test(text)) return numberOrNull(Date.parse(`${text} GMT`))
  const parts = RFC850.exec(text)
  if (parts === null) return null
  const [, day, month, year, time] = parts
  const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100
  const at = (full: number) => Date.parse(`${day} ${month} ${full} ${time} GMT`)
  const full = century + Number(year)
  // More than 50 years ahead is the past century.
  return numberOrNull(at(full) - now > 50 * 365.25 * 86_400_000 ? at(full - 100) : at(full))
}

function numberOrNull(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms
}
