import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { copyText } from '../copy-text.js'
import { strings } from '../strings.js'

const SHOWN_MS = 1_500

/** Copies a text, which a function makes when it is asked for; the icon tells that it was done. @param what names the text, as "the address of shop" */
export function CopyButton({ text, what }: { text: string | (() => string); what: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const label = copied ? strings.actions.copied : strings.actions.copy(what)
  return (
    <button
      type="button"
      className="icon-button above"
      aria-label={label}
      title={label}
      onClick={() => void copyText(typeof text === 'string' ? text : text()).then(() => setCopied(true))}
    >
      {copied ? <Check className="icon good" /> : <Copy className="icon" />}
    </button>
  )
}
