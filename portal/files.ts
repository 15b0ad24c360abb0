// The portal's files, put into the bundle by scripts/build.mjs; without a build there are none.

export interface PortalFile {
  readonly contentType: string;
  readonly content: string;
}

declare const PORTAL_FILES: Readonly<Record<string, PortalFile>> | undefined;

/** By path; `/` is the page that every other address gets. */
export const portalFiles: Readonly<Record<string, PortalFile>> = typeof PORTAL_FILES === 'undefined' ? {} : PORTAL_FILES;
