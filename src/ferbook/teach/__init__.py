"""Six lessons from one source each: a page, slides, exercises, and their grading."""
