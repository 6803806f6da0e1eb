/** Which executor we are: the version, and for a built one what it was built from. */
import { getAsset, isSea } from 'node:sea';
import packageJson from '../package.json' with { type: 'json' };

export interface OwnBuild {
  readonly version: string;
  /** 16 hexadecimal digits; empty when we run from our sources. */
  readonly build: string;
}

export const ownBuild: OwnBuild = {
  version: packageJson.version,
  build: isSea() ? getAsset('build-id', 'utf8') : '',
};
