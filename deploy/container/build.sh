#!/usr/bin/env bash
# Builds the image from nothing but Debian's libraries, Node.js and the release, without a Docker engine: dist/lobbykey-VERSION-image.tar,
# an archive that `docker load`, `podman load` and `skopeo copy docker-archive:…` take. Run `npm ci` and `npm run release` before it, and this as
# root on Debian 12 with mmdebstrap, buildah, ca-certificates and binutils.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
node=$root/node_modules/.bin/node
version=$("$node" -p 'require("./packages/server/package.json").version')
release=$root/dist/lobbykey-$version.tgz
archive=$root/dist/lobbykey-$version-image.tar
[ -f "$release" ] || { echo "there is no $release: run npm run release" >&2; exit 1; }
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
image=$work/root
buildah() { command buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }

# Libraries, certificates and time zones; no shell, no package manager.
mmdebstrap --quiet --variant=extract --include=libc6,libstdc++6,libatomic1,tzdata bookworm "$image"
rm -rf "$image"/usr/share/{doc,man,locale,lintian,bug} "$image"/var/{cache,log,lib/apt,lib/dpkg}
mkdir -p "$image"/{etc/ssl/certs,usr/local/bin,opt/lobbykey,tmp,var/lib/lobbykey}
cat /usr/share/ca-certificates/mozilla/*.crt >"$image/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/:/sbin/nologin\nlobbykey:x:65532:65532:lobbykey:/:/sbin/nologin\n' >"$image/etc/passwd"
printf 'root:x:0:\nlobbykey:x:65532:\n' >"$image/etc/group"

# Node.js without its symbols: a third less.
strip --strip-unneeded -o "$image/usr/local/bin/node" "$(readlink -f "$node")"

# The release as anybody installs it, without what only developers of its packages read.
cp deploy/container/healthcheck.js "$image/opt/lobbykey/"
echo '{"private":true,"type":"module"}' >"$image/opt/lobbykey/package.json"
(cd "$image/opt/lobbykey" && npm install --omit=dev --no-audit --no-fund --loglevel=error --prefer-offline "$release")
find "$image/opt/lobbykey/node_modules" -type f \( -name '*.map' -o -name '*.ts' -o -name '*.[cm]ts' -o -name '*.md' \) -not -path '*/lobbykey/*' -delete
rm -f "$image/opt/lobbykey/node_modules/.package-lock.json" "$image/opt/lobbykey/package-lock.json"

chown -R 0:0 "$image"
chown 65532:65532 "$image/var/lib/lobbykey"
chmod 0700 "$image/var/lib/lobbykey"
chmod 1777 "$image/tmp"

# Docker's form of manifest: OCI's has no health check.
container=$(buildah from --format docker scratch)
buildah add --quiet "$container" "$image" / >/dev/null
buildah config \
  --user 65532:65532 --workingdir /var/lib/lobbykey --volume /var/lib/lobbykey --port 8080 --port 8081 \
  --env PATH=/usr/local/bin --env HOST=0.0.0.0 --env ADMIN_HOST=0.0.0.0 --env DATABASE_URL=sqlite:/var/lib/lobbykey/lobbykey.db \
  --entrypoint '["/usr/local/bin/node","/opt/lobbykey/node_modules/lobbykey/bin/lobbykey.js"]' --cmd serve --stop-signal SIGTERM \
  --healthcheck "CMD /usr/local/bin/node /opt/lobbykey/healthcheck.js" --healthcheck-interval 10s --healthcheck-timeout 5s --healthcheck-start-period 10s \
  --label org.opencontainers.image.title=lobbykey --label "org.opencontainers.image.version=$version" \
  --label org.opencontainers.image.licenses=Apache-2.0 "$container"
buildah commit --quiet --format docker --timestamp "$SOURCE_DATE_EPOCH" "$container" "lobbykey:$version" >/dev/null
rm -f "$archive"
buildah push --quiet "lobbykey:$version" "docker-archive:$archive:lobbykey:$version"
echo "$archive: $(gzip -6 <"$archive" | wc -c) bytes compressed"
