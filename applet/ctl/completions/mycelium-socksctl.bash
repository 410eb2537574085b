# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: CC0-1.0
#
# Completion of mycelium-socksctl for bash; needs nothing but bash.

# Words as the program gets them: for bash a colon ends one, but addresses have seven. A
# name may have blanks, behind a backslash or a quotation mark.
_mycelium_socksctl ()
{
  local words=() current='' quote='' kept=''
  local begun command='' word candidates=() names=() quoted=() i
  _mycelium_socksctl_read "${COMP_LINE:0:COMP_POINT}"
  begun=$current

  for ((i = 1; i < ${#words[@]}; i++)); do
    word=${words[i]}
    case $word in
      -t | --timeout | -s | --sort) ((i++)) ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  [ "$command" != run ] || { _mycelium_socksctl_run "$2"; return; }
  word=''
  [ "${#words[@]}" = 0 ] || word=${words[${#words[@]} - 1]}

  case $word in
    -s | --sort) candidates=(address latency seen status) ;;
    -t | --timeout) return ;;
    *)
      case $command in
        '') candidates=(check connect disconnect env list monitor name probe run status --json
              --timeout --version --help) ;;
        check | connect | name)
          candidates=(--json --timeout --help)
          [ "$command" != connect ] || candidates+=(--wait)
          [ "$command" != name ] || candidates+=(--names --remove)
          if ((i + 1 == ${#words[@]})) && [[ $current != -* ]]; then
            mapfile -t candidates < <(_mycelium_socksctl_addresses "$command")
            _mycelium_socksctl_unwrap
            mapfile -t names < <(mycelium-socksctl name --names 2>/dev/null)
          fi ;;
        env) candidates=(sh fish --json --help) ;;
        list) candidates=(--all --addresses --sort --wide --json --timeout --help) ;;
        probe) candidates=(now start stop --json --timeout --help) ;;
        *) candidates=(--json --timeout --help) ;;
      esac ;;
  esac

  COMPREPLY=()
  for word in "${candidates[@]}"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("${word#"$kept"}")
  done
  # Blanks would end the word that all of them have in common.
  for word in "${names[@]}"; do
    [[ $word != "$begun"* ]] || quoted+=("$(_mycelium_socksctl_quote "${word#"$kept"}")")
  done
  # Brackets are a pattern to bash; in a list they shall look as they are.
  [ "${#COMPREPLY[@]} ${#quoted[@]}" != '1 0' ] ||
    COMPREPLY=("$(_mycelium_socksctl_quote "${COMPREPLY[0]}")")
  COMPREPLY+=("${quoted[@]}")
}

# Behind our own options it is another command's line.
_mycelium_socksctl_run ()
{
  local action=-c
  while [[ ${words[i + 1]-} = -* ]]; do
    ((i++))
    case ${words[i]} in
      --) break ;;
      -t | --timeout) ((i++)) ;;
    esac
  done
  # A time is under the cursor.
  ((i < ${#words[@]})) || return
  ((i + 1 == ${#words[@]})) || action=-f
  # What has no path is no file.
  [[ $action = -c && $1 != */* ]] || compopt -o filenames
  mapfile -t COMPREPLY < <(compgen "$action" -- "$1")
}

# Takes the line apart as bash does. Sets the words before the cursor; current, the one at
# it; quote, the quotation mark that is open there; and kept, what of current bash leaves
# alone: what is before that mark, or else up to the last character that ends a word to it.
_mycelium_socksctl_read ()
{
  local line=$1 character is_word='' broken='' i
  for ((i = 0; i < ${#line}; i++)); do
    character=${line:i:1}
    if [[ $quote = '' && $character = [[:space:]] ]]; then
      [ ! "$is_word" ] || words+=("$current")
      current='' kept='' broken='' is_word=''
      continue
    fi
    is_word=yes
    if [[ $character = "$quote" ]]; then
      quote='' kept=$broken
    elif [[ $quote = '' && $character = [\"\'] ]]; then
      quote=$character kept=$current
    elif [[ $character = \\ && $quote != \' ]]; then
      ((i++))
      character=${line:i:1}
      [[ $quote = '' || $character = [\\\"\$\`] ]] || current+=\\
      current+=$character
    else
      current+=$character
      [[ $quote = '' && $COMP_WORDBREAKS = *"$character"* ]] && broken=$current kept=$current
    fi
  done
}

# As it can stand on the line, behind the quotation mark that is open there: nothing in it
# is more than a character.
_mycelium_socksctl_quote ()
{
  local text='' character i
  if [ ! "$quote" ]; then
    printf %q "$1"
    return
  fi
  for ((i = 0; i < ${#1}; i++)); do
    character=${1:i:1}
    case $quote$character in
      \'\') character="'\\''" ;;
      \"[\\\"\$\`]) character=\\$character ;;
      \"!) character="\"'!'\"" ;;
    esac
    text+=$character
  done
  # Bash leaves its own mark out where there is one already.
  [[ $text != "$quote"* ]] || text=$quote$text
  [[ $text != *"$quote" ]] || text+=$quote
  printf %s "$text"
}

# Who leaves the bracket out shall find it put in. Behind a colon it is too late for that;
# but an address without brackets is one too, with the usual port.
_mycelium_socksctl_unwrap ()
{
  local address bare=()
  [[ $current != '' && $current != \[* ]] || return 0
  if [[ $current != *:* ]]; then
    current=[$current
    return
  fi
  for address in "${candidates[@]}"; do
    [[ $address != \[*]:1080 ]] || { address=${address#\[}; bare+=("${address%]:1080}"); }
  done
  candidates=("${bare[@]}")
}

_mycelium_socksctl_addresses ()
{
  local options=(--addresses)
  [ "$1" = connect ] || options+=(--all)
  mycelium-socksctl --timeout 2 list "${options[@]}" 2>/dev/null
}

complete -F _mycelium_socksctl mycelium-socksctl
