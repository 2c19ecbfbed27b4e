import { useEffect, useLayoutEffect, useRef } from 'react'

/**
 * Something over the window: the browser's own dialog keeps the focus inside, closes on Escape and gives the focus back. It
 * begins at the element marked `data-first`.
 *
 * @param label its accessible name
 * @param holdsInput something may have been typed into it: a click beside it does not close it
 */
export function Modal({ label, className = '', holdsInput = false, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  // Before the dialog is taken from the page, or the browser has no place to give the focus back from.
  useLayoutEffect(() => {
    const element = dialog.current
    if (element?.open === false) element.showModal()
    const first = element?.querySelector<HTMLElement>('[data-first]')
    first?.focus()
    if (first instanceof HTMLInputElement) first.select()
    return () => element?.close()
  }, [])
  useEffect(() => {
    if (holdsInput) return
    const element = dialog.current
    const outside = (event: MouseEvent) => event.target === element && onClose()
    element?.addEventListener('mousedown', outside)
    return () => element?.removeEventListener('mousedown', outside)
  }, [holdsInput, onClose])
  return (
    <dialog
      ref={dialog}
      className={`modal ${className}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      {children}
    </dialog>
  )
}

interface ModalProps {
  label: string
  className?: string
  holdsInput?: boolean
  onClose(): void
  children: React.ReactNode
}
