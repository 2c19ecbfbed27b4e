import type { WindowBounds } from '../../shared/preferences.js'

/** In density-independent pixels, as Electron gives them. */
export interface Rectangle {
  x: number
  y: number
  width: number
  height: number
}

export const DEFAULT_SIZE = { width: 1100, height: 720 }
export const MIN_SIZE = { width: 720, height: 480 }
/** As much of the title bar must be on a display that the window can be seen and dragged. */
const GRIP = { width: 120, height: 32 }

/**
 * Where to open the window: where it was, unless that is on no display any more; then its size is kept, cut to the
 * first display, and the system places it.
 *
 * @param workAreas of the displays that there are, the primary one first
 */
export function placeWindow(
  saved: WindowBounds | null,
  workAreas: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (saved === null) return DEFAULT_SIZE
  const { x, y } = saved
  const width = Math.max(saved.width, MIN_SIZE.width)
  const height = Math.max(saved.height, MIN_SIZE.height)
  if (workAreas.some((area) => isReachable({ x, y, width, height }, area))) return { x, y, width, height }
  const [primary] = workAreas
  if (primary === undefined) return { width, height }
  return { width: Math.min(width, primary.width), height: Math.min(height, primary.height) }
}

function isReachable(window: Rectangle, area: Rectangle): boolean {
  const shownWidth = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x)
  const shownBar = Math.min(window.y + GRIP.height, area.y + area.height) - Math.max(window.y, area.y)
  return shownWidth >= GRIP.width && shownBar >= GRIP.height / 2
}
