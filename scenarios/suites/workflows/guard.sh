#!/bin/sh
# Guards published numbers from any scheduler: guard.sh SUITE.yaml FOLDER
# Writes FOLDER/suite.md and FOLDER/suite.xml; leaves with 1 if a number moved, 2 if the suite is wrong.
set -u
suite=$1
folder=$2
mkdir -p "$folder"
flexpension suite "$suite" --format markdown > "$folder/suite.md"
code=$?
if [ "$code" -le 1 ]; then
  flexpension suite "$suite" --format junit > "$folder/suite.xml"
fi
cat "$folder/suite.md"
exit "$code"
