#!/usr/bin/env bash
# Makes the fonts of this folder again: bash fonts/make.sh
# Needs apt-get (Debian 13), npm, and Python with fonttools (pip install fonttools).
# Hints for screens are left out; so are the forms of Han characters that are customary outside of China.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cd "$work"
apt-get download fonts-noto-core fonts-noto-cjk
for package in *.deb; do dpkg -x "$package" .; done
npm pack --silent @expo-google-fonts/noto-emoji@0.4.7 >/dev/null
tar xzf expo-google-fonts-noto-emoji-*.tgz

reduce() { # file of the source, file here, further options
  python3 -m fontTools.subset "$1" --output-file="$here/$2" --no-hinting --name-IDs=0,1,2,3,4,5,6,7,13,14 "${@:3}"
}

grep -v -e CJK -e Emoji "$here/list.txt" | cut -f1 | while read -r name; do
  reduce "usr/share/fonts/truetype/noto/$name" "$name" --unicodes='*' --layout-features='*'
done
reduce package/400Regular/NotoEmoji_400Regular.ttf NotoEmoji-Regular.ttf --unicodes='*' --layout-features='*'
han="2000-206F,2E80-30FF,3100-4DBF,4E00-9FFF,AC00-D7A3,1100-11FF,A960-A97F,D7B0-D7FF,F900-FAFF,FE30-FE4F,FF00-FFEF,20000-3FFFF"
reduce usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc NotoSansCJKsc-Regular.otf \
  --font-number=2 --unicodes="$han" --layout-features='kern,palt,ccmp,ljmo,vjmo,tjmo,mark'
python3 "$here/coverage.py"
rm -r "$work"
