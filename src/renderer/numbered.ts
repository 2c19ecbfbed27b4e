/** Items with their place from 1: their key where nothing else tells them apart and their order never changes. */
export function numbered<T>(items: readonly T[]): { item: T; number: number }[] {
  return items.map((item, index) => ({ item, number: index + 1 }))
}
