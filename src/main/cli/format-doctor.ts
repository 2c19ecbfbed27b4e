import type { DoctorCheck, DoctorReport } from '../../shared/doctor-schemas.js'
import { plain } from './escape.js'
import { styled } from './output.js'

const LOOKS = {
  pass: { style: 'green', shape: '●' },
  warn: { style: 'yellow', shape: '▲' },
  fail: { style: 'red', shape: '■' },
} as const

/** A line for each check, with what to do under those that need it, and a summary. */
export function formatDoctor({ checks }: DoctorReport): string[] {
  const count = (status: DoctorCheck['status']) => checks.filter((check) => check.status === status).length
  const [fails, warns] = [count('fail'), count('warn')]
  const summary =
    fails + warns === 0 ? 'No problems.' : `${fails} failed, ${warns} to look at, ${count('pass')} in order.`
  return [...checks.flatMap(checkLines), '', summary]
}

function checkLines({ status, message, fix }: DoctorCheck): string[] {
  const { style, shape } = LOOKS[status]
  const lines = [`${styled(style, `${shape} ${status}`)}  ${plain(message)}`]
  if (fix === null) return lines
  if (fix.command === null) return [...lines, `        ${plain(fix.text)}`]
  return [...lines, `        ${plain(fix.text)}`, `        ${styled('bold', plain(fix.command))}`]
}
