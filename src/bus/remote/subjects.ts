import { createHash } from 'node:crypto';

/** What the subjects of a cluster are called. */
export class Subjects {
  /** All of them begin with it. */
  readonly prefix: string;
  /** Everybody tells about itself here. */
  readonly members: string;
  readonly all: string;

  /** @param cluster its name, any text. */
  constructor(cluster: string) {
    this.prefix = `usta.${token(cluster)}.`;
    this.members = `${this.prefix}members`;
    this.all = `${this.prefix}all`;
  }

  /** For one member. */
  of(id: string): string {
    return `${this.prefix}of.${id}`;
  }

  about(topic: string): string {
    return `${this.prefix}about.${token(topic)}`;
  }

  /** Without what all of them have in common. */
  short(subject: string): string {
    return subject.slice(this.prefix.length);
  }

  long(short: string): string {
    return this.prefix + short;
  }
}

/** Any text as one token of a subject: no wildcard, no dot, of one length; other texts have others. */
function token(text: string): string {
  return createHash('sha256').update(text, 'utf16le').digest('base64url').slice(0, 22);
}
