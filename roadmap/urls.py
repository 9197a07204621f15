from django.urls import path

from roadmap.views import lessons, progress, quizzes, trail

app_name = "roadmap"
urlpatterns = [
    path("", trail.landing, name="landing"),
    path("about/<slug:page>/", trail.about_detail, name="about-detail"),
    path("trail/", trail.trail, name="trail"),
    path("steps/<slug:key>/", trail.step_detail, name="step-detail"),
    path("lessons/<slug:key>/", lessons.lesson_detail, name="lesson-detail"),
    path("lessons/<slug:key>/read/", lessons.lesson_read, name="lesson-read"),
    path("lessons/<slug:key>/checks/<slug:check>/", lessons.check_answer, name="check-answer"),
    path("quizzes/<slug:key>/", quizzes.quiz_detail, name="quiz-detail"),
    path("quizzes/<slug:key>/attempts/", quizzes.attempt_create, name="attempt-create"),
    path("attempts/<int:pk>/", quizzes.attempt_detail, name="attempt-detail"),
    path("attempts/<int:pk>/items/<int:n>/", quizzes.item_detail, name="item-detail"),
    path(
        "attempts/<int:pk>/items/<int:n>/responses/",
        quizzes.response_create,
        name="response-create",
    ),
    path("attempts/<int:pk>/finish/", quizzes.attempt_finish, name="attempt-finish"),
    path("progress/", progress.progress, name="progress"),
]
