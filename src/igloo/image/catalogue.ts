/** An image that a publisher offers for download. */
export interface CloudImage {
  readonly title: string;
  /** The account that it logs in. */
  readonly login: string;
  /** Folder of the image and of its checksums; without a slash at the end. */
  readonly folder: string;
  readonly file: string;
  readonly checksumFile: string;
  readonly algorithm: 'sha256' | 'sha512';
}

export type Catalogue = Readonly<Record<string, CloudImage>>;

/** What `igloo image fetch` knows. */
export const catalogue = {
  cirros: {
    title: 'CirrOS 0.6.3',
    login: 'cirros (password gocubsgo)',
    folder: 'https://download.cirros-cloud.net/0.6.3',
    file: 'cirros-0.6.3-x86_64-disk.img',
    checksumFile: 'SHA256SUMS',
    algorithm: 'sha256',
  },
  debian: {
    title: 'Debian 13',
    login: 'debian',
    folder: 'https://cloud.debian.org/images/cloud/trixie/latest',
    file: 'debian-13-genericcloud-amd64.qcow2',
    checksumFile: 'SHA512SUMS',
    algorithm: 'sha512',
  },
  ubuntu: {
    title: 'Ubuntu 24.04 LTS',
    login: 'ubuntu',
    folder: 'https://cloud-images.ubuntu.com/noble/current',
    file: 'noble-server-cloudimg-amd64.img',
    checksumFile: 'SHA256SUMS',
    algorithm: 'sha256',
  },
  fedora: {
    title: 'Fedora Cloud 43',
    login: 'fedora',
    folder: 'https://download.fedoraproject.org/pub/fedora/linux/releases/43/Cloud/x86_64/images',
    file: 'Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2',
    checksumFile: 'Fedora-Cloud-43-1.6-x86_64-CHECKSUM',
    algorithm: 'sha256',
  },
} as const satisfies Catalogue;
