import type { z } from 'zod'

const PREFIX = 'portico.'

/**
 * What was remembered under a name, as far as it still fits; what does not fit, or cannot be read, counts as never said.
 *
 * @param otherwise the value where nothing was remembered
 */
export function recall<S extends z.ZodType>(name: string, schema: S, otherwise: z.output<S>): z.output<S> {
  try {
    const stored = localStorage.getItem(PREFIX + name)
    if (stored === null) return otherwise
    const parsed = schema.safeParse(JSON.parse(stored))
    return parsed.success ? parsed.data : otherwise
  } catch {
    return otherwise
  }
}

/** Remembers a value beyond this page. A browser that keeps nothing, or has no room, forgets it with the page. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // The window works as well without a memory.
  }
}
