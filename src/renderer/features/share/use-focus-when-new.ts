import { useEffect, useRef } from 'react'
import { useSharing } from '../../stores/share.js'

/** What a person has just asked for gets the focus: what they pressed for it may be gone. */
export function useFocusWhenNew(id: string) {
  const element = useRef<HTMLLIElement>(null)
  const isNew = useSharing(({ focus }) => focus === id)
  useEffect(() => {
    if (!isNew) return
    element.current?.focus()
    useSharing.getState().setFocus(null)
  }, [isNew])
  return element
}
