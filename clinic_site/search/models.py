from django.db import models

from clinic_site.clinic.models import check_words
from clinic_site.text.stemming import stemmed


class Synonym(models.Model):
    """Lay words that lead to the words on our pages: "sweaty hands" to "hyperhidrosis"."""

    words = models.CharField("what people type", max_length=80, unique=True)
    means = models.CharField("words on our pages", max_length=120)
    stems = models.CharField(max_length=120, editable=False, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = "patients' word for searching", "patients' words for searching"
        ordering = ["words"]

    def __str__(self):
        return f"{self.words} → {self.means}"

    def clean(self):
        super().clean()
        check_words(means=self.means)

    def save(self, *args, **kwargs):
        check_words(means=self.means)  # what people type is theirs: "is it safe" has an answer, too
        self.stems = stemmed(self.words)
        super().save(*args, **kwargs)
