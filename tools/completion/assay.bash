# Asks the program that is being typed for words that it alone knows.
_assay_ask()
{
    "${COMP_WORDS[0]/#~\//$HOME/}" completion --words "$@" 2>/dev/null </dev/null
}

# Keeps of standard input the words that begin as $value does.
_assay_take()
{
    local word plain=${value#[\'\"]}
    [[ $plain != "$value" ]] || plain=${plain//\\/}
    while IFS= read -r word; do
        [[ $word == "$plain"* ]] || continue
        [[ $value == [\'\"]* ]] || printf -v word '%q' "$word"
        COMPREPLY+=("$before$word")
    done
}

# Adds the lines of standard input.
_assay_add()
{
    local word
    while IFS= read -r word; do
        COMPREPLY+=("$before$word")
    done
}

# Files and folders: readline's own completion knows of quotes and blanks. Bash 3.2 (macOS) has no compopt.
_assay_paths()
{
    if [[ $kinds == *files* ]]; then
        compopt -o default 2>/dev/null || _assay_add < <(compgen -f -- "$value")
    elif [[ $kinds == *folders* ]]; then
        compopt -o dirnames 2>/dev/null || _assay_add < <(compgen -d -- "$value")
    fi
}

_assay_value()
{
    local word
    for word in $words; do
        printf '%s\n' "$word"
    done | { cat; [[ -z $asked ]] || _assay_ask "$asked"; }
}

# What of a reply is there already: readline completes only what stands behind the last : or =.
_assay_trim()
{
    local i breaks=''
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
    [[ $COMP_WORDBREAKS == *:* ]] && breaks+=':'
    [[ -n $breaks && $current == *["$breaks"]* ]] || return 0
    local head=${current%"${current##*["$breaks"]}"}
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=${COMPREPLY[i]#"$head"}
    done
}

_assay()
{
    local current='' value='' before='' verb='' option='' run='' glue='' dashes='' operand=0 word i
    local options='' negated='' takes='' words='' kinds='' asked=''
    local -a line=()
    COMPREPLY=()
    for ((i = 1; i <= COMP_CWORD; i++)); do # --out=x and sim:x come in pieces
        word=${COMP_WORDS[i]}
        if [[ ${#line[@]} -gt 0 && ( -n $glue || $word == [=:] ) ]]; then
            line[${#line[@]}-1]+=$word
        else
            line+=("$word")
        fi
        glue=''
        [[ $word == [=:] ]] && glue=1
    done
    current=${line[${#line[@]}-1]}
    for word in "${line[@]:0:${#line[@]}-1}"; do
        if [[ -z $verb ]]; then
            verb=$word
        elif [[ -n $dashes ]]; then
            dashes+=x
        elif [[ -n $option ]]; then
            option=''
        elif [[ $word == -- ]]; then
            dashes=1
        elif [[ $word == --*=* ]]; then
            :
        elif [[ $word == -?* ]]; then
            takes=''
            _assay_table "$verb" "$word"
            [[ -n $takes ]] && option=$word
        else
            [[ $operand == 0 ]] && run=$word
            operand=$((operand + 1))
        fi
    done
    words='' kinds='' asked='' takes='' value=$current
    if [[ -z $verb ]]; then
        words=$_assay_verbs
    elif [[ $verb == help ]]; then
        [[ $operand == 0 ]] && words=$_assay_verbs
    elif [[ -n $dashes ]]; then
        _assay_table "$verb" "$operand"
        [[ $kinds == *command* && $dashes == 1 ]] && _assay_add < <(compgen -c -- "$current")
        compopt -o default 2>/dev/null
        return 0
    elif [[ -n $option ]]; then
        _assay_table "$verb" "$option"
    elif [[ $current == --*=* ]]; then
        before=${current%%=*}=
        value=${current#*=}
        _assay_table "$verb" "${current%%=*}"
    elif [[ $current == --no-* ]]; then
        _assay_table "$verb" ''
        words="$options $negated"
    elif [[ $current == -* ]]; then
        _assay_table "$verb" ''
        words=$options
    else
        _assay_table "$verb" "$operand"
    fi
    _assay_take < <(
        _assay_value
        [[ $kinds != *runs* ]] || _assay_ask runs
        [[ $kinds != *tests* || -z $run ]] || _assay_ask tests "$run"
    )
    _assay_paths
    _assay_trim
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/=] ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -F _assay assay
