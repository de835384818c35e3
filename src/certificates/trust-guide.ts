/** How each system and browser is told to trust an authority. */
export function trustGuide(caFile: string): (readonly [where: string, how: string])[] {
  const file = /^[\w./-]+$/.test(caFile) ? caFile : `'${caFile.replaceAll("'", "'\\''")}'`;
  return [
    ['Linux', 'usta cert dev --install   (Chromium and Chrome of this user; as root also the system)'],
    ['macOS', `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}`],
    ['Windows', `copy the file there; as administrator: certutil -addstore -f Root ca.pem`],
    [
      'Firefox',
      'Settings, Privacy & Security, View Certificates, Authorities, Import; tick "identify websites"',
    ],
    [
      'Android',
      'copy the file there; Settings, Security, Encryption & credentials, Install a certificate, CA certificate',
    ],
    [
      'iOS',
      'send the file there; Settings, Profile Downloaded, Install; then General, About, Certificate Trust Settings',
    ],
    ['Node', `NODE_EXTRA_CA_CERTS=${file} node client.js`],
    ['curl', `curl --cacert ${file} https://localhost:8443/`],
  ];
}
