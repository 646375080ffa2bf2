"""Search in what is public: words of published comments, each in its own language, narrowed by who and where."""
