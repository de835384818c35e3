import { lookup } from 'mrmime';

/** Registered for what browsers ask by themselves, and not in the list. */
const ICON = /\.ico$/i;

/** The Content-Type of a file, by the extension of its name; text is said to be UTF-8. */
export function mediaType(name: string): string {
  if (ICON.test(name)) return 'image/x-icon';
  const type = name.includes('.') ? lookup(name) : undefined;
  if (type === undefined) return 'application/octet-stream';
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}
