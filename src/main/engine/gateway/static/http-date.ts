const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const IMF = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/
const RFC_850 = /^[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/

/**
 * Parses an HTTP-date in any of its three forms (RFC 9110 section 5.6.7), always as UTC.
 * @param text the field value
 * @param now the present, in milliseconds since the epoch: two-digit years are read relative to it
 * @returns milliseconds since the epoch, or null when it is no HTTP-date
 */
export function parseHttpDate(text: string, now: number): number | null {
  const imf = IMF.exec(text)
  if (imf) return toTime(Number(imf[3]), imf[2]!, imf[1]!, imf.slice(4))
  const asctime = ASCTIME.exec(text)
  if (asctime) return toTime(Number(asctime[6]), asctime[1]!, asctime[2]!, asctime.slice(3, 6))
  const rfc850 = RFC_850.exec(text)
  if (rfc850) return toTime(fullYear(Number(rfc850[3]), now), rfc850[2]!, rfc850[1]!, rfc850.slice(4))
  return null
}

/** Formats milliseconds since the epoch as an IMF-fixdate. */
export function formatHttpDate(time: number): string {
  return new Date(time).toUTCString()
}

/** RFC 9110 section 5.6.7: a two-digit year more than 50 years ahead lies in the past. */
function fullYear(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return year > thisYear + 50 ? year - 100 : year
}

function toTime(year: number, monthName: string, dayText: string, clock: string[]): number | null {
  const month = MONTHS.indexOf(monthName)
  const day = Number(dayText)
  const [hour = 0, minute = 0, second = 0] = clock.map(Number)
  if (month === -1 || hour > 23 || minute > 59 || second > 60) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return null
  return date.setUTCHours(hour, minute, second)
}
