import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Roster } from '../../../../src/main/engine/gateway/roster.js'

test('holds exactly those who came and did not leave, whatever the order', () => {
  const steps = fc.array(fc.record({ who: fc.integer({ min: 0, max: 9 }), comes: fc.boolean() }), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (list) => {
      const people = Array.from({ length: 10 }, (_, name) => ({ name, rosterSlot: -1 }))
      const roster = new Roster<(typeof people)[number]>()
      const expected = new Set<(typeof people)[number]>()
      for (const { who, comes } of list) {
        const person = people[who] as (typeof people)[number]
        if (comes && !expected.has(person)) roster.add(person)
        if (!comes) roster.delete(person)
        if (comes) expected.add(person)
        else expected.delete(person)
      }
      expect(roster.size).toBe(expected.size)
      expect(new Set(roster.all())).toEqual(expected)
    }),
  )
})
