use super::*;

fn view(before: &str, after: &str) -> DiffView {
    let change = FileChange { path: "src/a.rs".into(), before: before.into(), after: after.into() };
    DiffView::whole(&Patch { files: vec![change] })
}

/// Each row as `old|new|sign text`, with what differs in brackets.
fn rows(view: &DiffView) -> Vec<String> {
    let number = |line: Option<usize>| line.map_or(String::new(), |n| n.to_string());
    view.files
        .iter()
        .flat_map(|file| &file.hunks)
        .flat_map(|hunk| &hunk.rows)
        .map(|row| {
            let sign = match row.kind {
                RowKind::Context => ' ',
                RowKind::Removed => '-',
                RowKind::Added => '+',
            };
            let text: String = row
                .pieces
                .iter()
                .map(|p| if p.differs { format!("[{}]", p.text) } else { p.text.clone() })
                .collect();
            let note = row.end_note.map_or(String::new(), |note| format!(" ({note})"));
            format!("{}|{}|{sign}{text}{note}", number(row.old_line), number(row.new_line))
        })
        .collect()
}

#[test]
fn the_words_that_differ_are_picked_out() {
    let view = view("fn f() {\n    let x = items[0];\n}\n", "fn f() {\n    let x = items[1];\n}\n");
    assert_eq!(
        rows(&view),
        ["1|1| fn f() {", "2||-    let x = items[[0]];", "|2|+    let x = items[[1]];", "3|3| }",]
    );
    assert_eq!(view.files[0].hunks[0].header, "@@ -1,3 +1,3 @@");
    assert_eq!((view.added, view.removed), (1, 1));
}

#[test]
fn lines_that_have_little_in_common_are_left_whole() {
    let view = view("let total = sum(a);\n", "return Err(Wrong::Kind);\n");
    assert_eq!(rows(&view), ["1||-let total = sum(a);", "|1|+return Err(Wrong::Kind);"]);
}

#[test]
fn a_replacement_by_more_lines_keeps_every_line_in_its_place() {
    let view = view("let a = f(x, y);\n", "let a = f(\n    x,\n    y,\n);\n");
    let shown = rows(&view);
    assert_eq!(shown.len(), 5);
    let plain: Vec<String> = shown.iter().map(|row| row.replace(['[', ']'], "")).collect();
    assert_eq!(
        plain,
        ["1||-let a = f(x, y);", "|1|+let a = f(", "|2|+    x,", "|3|+    y,", "|4|+);"]
    );
}

#[test]
fn every_line_of_both_texts_is_shown_as_it_is() {
    for (before, after) in [
        ("a b\nc d\n\ne\n", "a b c\nd\n\ne\n"),
        ("x = 1;\r\ny = 2;\r\n", "x = 1;\ny = 2;\n"),
        ("one two three", "one two four"),
        ("ä ö ü\n", "ä o ü\n"),
        ("", "new\n"),
        ("old\n", ""),
        ("a\n\n\nb\n", "a\n\nb\n"),
        ("word\r\nother\n", "word changed\r\nother\r\n"),
    ] {
        let view = view(before, after);
        let side = |wanted: RowKind| {
            view.files[0].hunks[0]
                .rows
                .iter()
                .filter(|row| row.kind == RowKind::Context || row.kind == wanted)
                .map(|row| row.pieces.iter().map(|p| p.text.as_str()).collect::<String>())
                .collect::<Vec<_>>()
        };
        assert_eq!(side(RowKind::Removed), before.lines().collect::<Vec<_>>(), "{before:?}");
        assert_eq!(side(RowKind::Added), after.lines().collect::<Vec<_>>(), "{after:?}");
    }
}

#[test]
fn changed_line_ends_are_said() {
    assert_eq!(
        rows(&view("a b c\r\n", "a b c\n")),
        ["1||-a b c (line end CR LF)", "|1|+a b c (line end LF)"]
    );
    assert_eq!(
        rows(&view("a b c", "a b c\n")),
        ["1||-a b c (no line end at the end of the file)", "|1|+a b c"]
    );
}

#[test]
fn a_file_that_changed_everywhere_is_shown_without_long_thought() {
    let text = |word: &str| -> String {
        (0..30_000).map(|n| format!("let {word}{} = f({n}, {word});\n", n % 7)).collect()
    };
    let view = view(&text("a"), &text("b"));
    assert_eq!((view.added, view.removed), (30_000, 30_000));
}

#[test]
fn a_limit_counts_what_it_leaves_out() {
    let after: String = (0..50).map(|n| format!("line {n}\n")).collect();
    let change = FileChange { path: "a".into(), before: String::new(), after };
    let view = DiffView::with_limit(&Patch { files: vec![change] }, 20);
    assert_eq!(view.files[0].hunks[0].rows.len(), 20);
    assert_eq!((view.rows_left_out, view.added), (30, 50));
}
