import { useState } from 'react'

/**
 * The text of a field whose value is read out of it, such as a list of words: what was typed stays as it was written as
 * long as it means the value, so that a separator or an empty line can be typed; a value from elsewhere takes its place.
 * @returns what to show, and what to call with what was typed
 */
export function useTypedText<Value>(value: Value, textOf: (value: Value) => string, read: (text: string) => Value, onChange: (value: Value) => void): [shown: string, type: (text: string) => void] {
  const [typed, setTyped] = useState(() => textOf(value))
  const plain = textOf(value)
  return [
    textOf(read(typed)) === plain ? typed : plain,
    (text) => {
      setTyped(text)
      onChange(read(text))
    },
  ]
}
