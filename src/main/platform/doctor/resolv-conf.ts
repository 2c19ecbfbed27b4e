import type { SearchFacts } from '../../../shared/doctor-facts.js'

/** What resolv.conf(5) says of names that are not complete; the last line of a kind counts. */
export function readResolvConf(text: string): SearchFacts {
  let search: string[] = []
  let ndots = 1
  for (const line of text.split(/\r?\n/)) {
    const [word, ...rest] = line.trim().split(/\s+/)
    if (word === 'search' || word === 'domain') search = rest
    if (word !== 'options') continue
    const told = rest.map((option) => /^ndots:(\d+)$/.exec(option)?.[1]).find((value) => value !== undefined)
    if (told !== undefined) ndots = Number(told)
  }
  return { search: search.filter((domain) => domain !== '.'), ndots }
}
