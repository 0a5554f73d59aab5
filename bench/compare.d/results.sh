write_results() { cat times.tsv phases.tsv oracle.tsv figures.tsv; }
